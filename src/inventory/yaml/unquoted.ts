import type * as z from 'zod';
import type { Mistake } from '../mistake.ts';
import { nameOf, type Path, valueAt } from '../path.ts';
import type { PlainDocument } from './document.ts';

/** Text without quotes that YAML takes for a number, or for true or false. */
export interface Unquoted {
  readonly path: Path;
  /** As it is written: `3.10` is the number 3.1, `01` is 1. */
  readonly text: string;
}

/** Where the inventory needs text and something else stands, because nobody has put it in quotes. */
export function unquotedTexts(
  issues: readonly z.core.$ZodIssue[],
  { value, writtenAt }: Pick<PlainDocument, 'value' | 'writtenAt'>,
): readonly Unquoted[] {
  return issues.flatMap((issue): readonly Unquoted[] => {
    if (issue.code !== 'invalid_type' || issue.expected !== 'string') return [];
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    const text = writtenAt(path);
    const found = typeof valueAt(value, path);
    return text !== undefined && (found === 'number' || found === 'boolean')
      ? [{ path, text }]
      : [];
  });
}

/** The value as it would be with quotes there. */
export function withQuotes(value: unknown, unquoted: readonly Unquoted[]): unknown {
  const quoted: unknown = structuredClone(value);
  for (const { path, text } of unquoted) {
    const holder = path
      .slice(0, -1)
      .reduce<unknown>(
        (inner, part) => (isHolder(inner) ? Reflect.get(inner, part) : inner),
        quoted,
      );
    const key = path.at(-1);
    if (isHolder(holder) && key !== undefined) Reflect.set(holder, key, text);
  }
  return quoted;
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What is left to say where the text would be right with quotes. */
export function quotesMissing({ path, text }: Unquoted): Mistake {
  const taken = /^(?:true|false)$/i.test(text) ? 'a boolean' : 'a number';
  return {
    path,
    message: `${nameOf(path)} must be text, and without quotes YAML takes ${text} for ${taken}: write "${text}"`,
  };
}
