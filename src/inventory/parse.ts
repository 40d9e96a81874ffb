import { Failure } from '../failure/failure.ts';
import type { Problem } from '../problem/problem.ts';
import { INVENTORY, type Next, provision, remedy } from '../problem/remedy.ts';
import { explain } from './explain.ts';
import type { Mistake } from './mistake.ts';
import { nameOf, type Path, valueAt } from './path.ts';
import { findings } from './rules/rules.ts';
import { type Inventory, inventorySchema } from './schema.ts';
import { type Place, type PlainDocument, readDocument } from './yaml/document.ts';
import { isConsequence, partialInventory } from './yaml/partial-inventory.ts';
import { rewriteSettings } from './yaml/rewrite-settings.ts';
import { quotesMissing, unquotedTexts, withQuotes } from './yaml/unquoted.ts';

const CORRECT = [remedy`correct what is named, then run it again`];
const RENAME = remedy`settings get the names of that version by: ${provision('plan', INVENTORY, '--rewrite-settings')}, then up with it`;

/** An inventory, and what is unwise in it as `path:line:column: what`. */
export interface ParsedInventory {
  readonly inventory: Inventory;
  readonly warnings: readonly string[];
  /** Where the value at that path stands, or what would hold it, as `path:line:column`. */
  readonly placeOf: (at: Path) => string;
}

type Placed = Place & { readonly message: string };

const MOST_SHOWN = 50;

/** The inventory in the text; throws one usage Failure that lists every mistake as `path:line:column: what`. */
export function parseInventory(text: string, path: string): ParsedInventory {
  const document = readDocument(text);
  const { value } = document;
  if (document.mistakes.length > 0) {
    const placed = document.mistakes.map((one) => ({ ...document.placeAt(one.offset), ...one }));
    throw refusal(path, text, placed);
  }

  const parsed = inventorySchema.safeParse(value);
  if (!parsed.success)
    throw refusal(path, text, place(everyMistake(document, parsed.error.issues), document));

  const subject = { inventory: parsed.data, given: givenIn(value) };
  const errors = findings(subject, 'error');
  if (errors.length > 0) throw refusal(path, text, place(errors, document));
  return {
    inventory: parsed.data,
    warnings: list(path, place(findings(subject, 'warning'), document)),
    placeOf: (at) => {
      const { line, column } = document.placeOf(at);
      return `${path}:${line}:${column}`;
    },
  };
}

// The rules are asked about what the schema leaves, so that one run shows every mistake.
function everyMistake(
  document: PlainDocument,
  issues: Parameters<typeof explain>[0],
): readonly Mistake[] {
  const unquoted = unquotedTexts(issues, document);
  const value = withQuotes(document.value, unquoted);
  const others =
    unquoted.length === 0 ? issues : (inventorySchema.safeParse(value).error?.issues ?? []);
  const explained = explain(others, value);
  const isExplained = ({ path }: Mistake) =>
    explained.some((one) => nameOf(one.path) === nameOf(path));
  const mistakes = [
    ...unquoted.map(quotesMissing).filter((one) => !isExplained(one)),
    ...explained,
  ];
  const rest = partialInventory(value, mistakes);
  if (rest === undefined) return mistakes;
  const found = findings({ inventory: rest, given: givenIn(value) }, 'error');
  return [...mistakes, ...found.filter((finding) => !isConsequence(finding, mistakes))];
}

function givenIn(value: unknown): (path: Path) => boolean {
  return (path) => valueAt(value, path) !== undefined;
}

function place(mistakes: readonly Mistake[], document: PlainDocument): readonly Placed[] {
  return mistakes.map(({ path, atKey, other, message }) => ({
    ...document.placeOf(path, atKey),
    message: other === undefined ? message : `${message}, line ${document.placeOf(other).line}`,
  }));
}

function list(path: string, placed: readonly Placed[]): readonly string[] {
  return [...placed]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
}

function refusal(path: string, text: string, placed: readonly Placed[]): Failure {
  const listed = list(path, placed);
  const next = rewriteSettings(text) === undefined ? CORRECT : [...CORRECT, RENAME];
  const [first = path] = listed;
  if (listed.length === 1) return new Failure('usage', mistake(first, next));

  const hidden = listed.length - MOST_SHOWN;
  const shown = listed.slice(0, MOST_SHOWN).concat(hidden > 0 ? [`and ${hidden} more`] : []);
  return new Failure('usage', mistake(`${listed.length} mistakes in ${path}`, next), {
    parts: shown.map((sentence) => mistake(sentence, [])),
  });
}

function mistake(sentence: string, next: Next): Problem {
  return { kind: 'mistake', about: [], sentence, next };
}
