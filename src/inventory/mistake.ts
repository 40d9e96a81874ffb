import type { Path } from './path.ts';

/** Something wrong (or, as a warning, unwise) at one place of an inventory. */
export interface Mistake {
  readonly path: Path;
  /** Whether the key itself is the trouble, rather than the value behind it. */
  readonly atKey?: boolean;
  /** A second place that takes part in it. */
  readonly other?: Path;
  readonly message: string;
}

/** A value from the file, safe and short enough to be printed in a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What is wrong with the text itself, by its offset in it. */
export interface TextMistake {
  readonly offset: number;
  readonly message: string;
}
