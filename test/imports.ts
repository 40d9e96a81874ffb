import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';

const SRC = new URL('../src/', import.meta.url);

/** One file of src/, parsed. */
export interface Source {
  /** Path below src/ */
  readonly file: string;
  /** Its folder, or its own name where it lies beside the folders. */
  readonly folder: string;
  readonly tree: ts.SourceFile;
}

export interface Import {
  readonly file: string;
  readonly folder: string;
  /** A file below src/, or the name of an outside package as it is written. */
  readonly target: string;
  /** The folder of a file below src/; undefined for a package. */
  readonly into: string | undefined;
  /** Whether only types come in, so that nothing of it is left at run time. */
  readonly typesOnly: boolean;
}

/** Every file of src/. */
export async function readSources(): Promise<readonly Source[]> {
  const entries = await readdir(SRC, { recursive: true });
  const files = entries.filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, SRC), 'utf8');
      const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
      return { file, folder: folderOf(file), tree };
    }),
  );
}

/** Every import of a file: declarations, re-exports, and the lazy ones written as a call. */
export function importsOf(source: Source): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typesOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const own = specifier.text.startsWith('.');
    const target = own ? normalize(join(dirname(source.file), specifier.text)) : specifier.text;
    const into = own ? folderOf(target) : undefined;
    found.push({ file: source.file, folder: source.folder, target, into, typesOnly });
  };
  walk(source.tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, bringsTypesOnly(node));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
  });
  return found;
}

/** Calls `visit` with every node of the tree. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

function bringsTypesOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.isTypeOnly) return true;
  const { name, namedBindings } = importClause;
  if (name !== undefined || namedBindings === undefined) return false;
  return (
    ts.isNamedImports(namedBindings) && namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly)
  );
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? file;
}
