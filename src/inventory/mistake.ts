import { nameOf, type Path } from './path.ts';

/** Something wrong (or, as a warning, unwise) at one place of an inventory. */
export interface Mistake {
  readonly path: Path;
  /** Whether the key itself is the trouble, rather than the value behind it. */
  readonly atKey?: boolean;
  /** A second place that takes part in it. */
  readonly other?: Path;
  readonly message: string;
  /** What the message says behind the name of the place, where the same may be said of another place. */
  readonly complaint?: string;
}

/** The mistake at one place; the complaint goes on after its name. */
export function mistakeAt(path: Path, complaint: string, atKey = false): Mistake {
  return { path, atKey, complaint, message: `${nameOf(path)} ${complaint}` };
}

// Blanks other than the usual one, and what turns or joins text: pasted along, and seen by nobody.
const UNSEEN = /[\u0080-\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/g;

/** A value from the file, safe and short enough to be printed in a message. */
export function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replaceAll(
    UNSEEN,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What is wrong with the text itself, by its offset in it. */
export interface TextMistake {
  readonly offset: number;
  readonly message: string;
}
