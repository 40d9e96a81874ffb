import { Composer, type CST, type Document, Lexer, type ParsedNode, Parser } from 'yaml';

export type YamlDocument = Document.Parsed<ParsedNode>;

/** The text's documents (two at most), or the offset at which it goes beyond what any inventory needs. */
export type Yaml =
  | { readonly documents: readonly YamlDocument[] }
  | { readonly beyond: 'depth' | 'length'; readonly offset: number };

const DEEPEST = 64;
// Words, marks and line ends; the manual with all its comments has about 1500.
const LONGEST = 50_000;

/** The text through the YAML 1.2 core parser, which notes mistakes and never throws for them. */
export function parseYaml(text: string): Yaml {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let length = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    length += 1;
    if (length > LONGEST) return { beyond: 'length', offset: parser.offset };
    // The composer recurses, and near the end of the stack V8 aborts the process instead of throwing.
    if (parser.stack.length > DEEPEST) return { beyond: 'depth', offset: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);

  const composer = new Composer({
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    merge: false,
    // Looked for in `unsupported-yaml.ts`: the library compares every key with every other.
    uniqueKeys: false,
  });
  const documents: YamlDocument[] = [];
  for (const document of composer.compose(tokens, true, text.length)) {
    documents.push(document);
    if (documents.length === 2) break;
  }
  return { documents };
}
