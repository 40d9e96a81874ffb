import type { Problem } from './problem.ts';
import { INVENTORY, type Next, type OwnCommand, type Remedy } from './remedy.ts';

/** What stands for the inventory file where nobody knows its path. */
const SOME_INVENTORY = 'INVENTORY';

/** What to do next as a person reads it: remedies with `; or ` between. */
export function nextText(next: Next, inventory = SOME_INVENTORY): string {
  if (typeof next === 'string') return next.replaceAll(SOME_INVENTORY, inventory);
  return next.map((one) => remedyText(one, inventory)).join('; or ');
}

function remedyText({ parts }: Remedy, inventory: string): string {
  return parts
    .map((part) =>
      typeof part === 'string'
        ? part.replaceAll(SOME_INVENTORY, inventory)
        : commandText(part, inventory),
    )
    .join('');
}

/** A command of ours as it is typed. */
export function commandText({ provision }: OwnCommand, inventory: string): string {
  const words = provision.map((word) => shellWord(word === INVENTORY ? inventory : `${word}`));
  return ['provision', ...words].join(' ');
}

// What a shell would take apart is put in quotes; names in capitals stay as they are, for a person to fill in.
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A remedy for machines: the sentence, and the commands in it as they would be called. */
export interface RemedyData {
  readonly do: string;
  readonly commands: readonly (readonly string[])[];
}

/** A problem for machines. */
export interface ProblemData {
  readonly about: readonly string[];
  readonly sentence: string;
  readonly evidence: readonly string[];
  readonly next: readonly RemedyData[];
}

/** The same for machines. */
export function problemData(
  { about = [], sentence, evidence = [], next }: Problem,
  inventory: string,
): ProblemData {
  return { about, sentence, evidence, next: nextData(next, inventory) };
}

/** What to do next for machines. */
export function nextData(next: Next, inventory: string): readonly RemedyData[] {
  if (typeof next === 'string') return [{ do: nextText(next, inventory), commands: [] }];
  return next.map((one) => ({
    do: remedyText(one, inventory),
    commands: one.parts.flatMap((part) =>
      typeof part === 'string'
        ? []
        : [
            [
              'provision',
              ...part.provision.map((word) => (word === INVENTORY ? inventory : `${word}`)),
            ],
          ],
    ),
  }));
}
