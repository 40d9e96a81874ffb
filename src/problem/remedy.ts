import { type Precondition, type Situation, whatToFindOut } from './precondition.ts';

/** Stands where a command or a sentence names the inventory file; the renderer knows the path. */
export const INVENTORY: Word = { place: 'inventory' };

export type Word = string | { readonly place: 'inventory' };

/** A command of ours, by its words: `provision` is not one of them. */
export interface OwnCommand {
  readonly provision: readonly Word[];
}

/** One thing to do: a sentence in which commands of ours are data, with what must be true for it to be safe. */
export interface Remedy {
  readonly parts: readonly (Word | OwnCommand)[];
  readonly requires: readonly Precondition[];
}

/** A remedy that is safe as far as anybody knows: nothing is left to be asked. */
export type Offered = Remedy & { readonly requires: readonly [] };

/** What to do next: remedies, of which any one helps. */
export type Next = readonly Offered[];

/** A command of ours. */
export function provision(...words: readonly Word[]): OwnCommand {
  return { provision: words };
}

/** A remedy as one writes it down: `` remedy`first do this, then: ${provision('up', INVENTORY)}` ``. */
export function remedy(
  strings: TemplateStringsArray,
  ...values: readonly (Word | number | OwnCommand)[]
): Offered {
  const parts: (Word | OwnCommand)[] = [];
  for (const [index, text] of strings.entries())
    for (const part of [text, values[index] ?? '']) {
      const last = parts.at(-1);
      if (typeof part === 'object') parts.push(part);
      else if (typeof last === 'string') parts.splice(-1, 1, `${last}${part}`);
      else if (part !== '') parts.push(`${part}`);
    }
  return { parts, requires: [] };
}

/** The remedy, offered only where all of this is known to be true. */
export function onlyIf({ parts, requires }: Remedy, ...more: readonly Precondition[]): Remedy {
  return { parts, requires: [...requires, ...more] };
}

/**
 * The remedies that are safe now. One with a precondition that is false is left out; of one with a precondition that is
 * unknown only what to find out is left.
 */
export function offered(remedies: readonly Remedy[], situation: Situation): readonly Offered[] {
  const left = remedies.flatMap((one): readonly Offered[] => {
    const answers = one.requires.map((precondition) => situation(precondition));
    if (answers.includes('no')) return [];
    const unknown = one.requires.filter((_, index) => answers[index] === 'unknown');
    if (unknown.length === 0) return [{ ...one, requires: [] }];
    return [{ parts: whatIsAsked(unknown), requires: [] }];
  });
  return left.filter((one, index) => left.findIndex((other) => sameParts(one, other)) === index);
}

/** What up would do is the last thing to find out: the command that shows it ends the sentence. */
function whatIsAsked(unknown: readonly Precondition[]): Remedy['parts'] {
  const isUp = ({ kind }: Precondition) => kind === 'upWouldAct';
  const asked = [...unknown.filter((one) => !isUp(one)), ...unknown.filter(isUp)];
  const shows = unknown.some(isUp) ? [': ', provision('plan', INVENTORY)] : [];
  return [asked.map(whatToFindOut).join(', and '), ...shows];
}

function sameParts(one: Remedy, other: Remedy): boolean {
  return JSON.stringify(one.parts) === JSON.stringify(other.parts);
}
