import { quote } from '../shell/command.ts';
import type { Problem, Severity } from './problem.ts';
import type { Next, OwnCommand, Remedy, Word } from './remedy.ts';

/** What stands for the inventory file where nobody knows its path. */
const SOME_INVENTORY = 'INVENTORY';

/** What to do next as a person reads it: remedies with `; or ` between. */
export function nextText(next: Next, inventory = SOME_INVENTORY): string {
  return next.map((one) => remedyText(one, inventory)).join('; or ');
}

function remedyText({ parts }: Remedy, inventory: string): string {
  return parts
    .map((part) =>
      typeof part === 'string' ? part : isCommand(part) ? commandText(part, inventory) : inventory,
    )
    .join('');
}

/** How a problem is set out. */
export interface Layout {
  readonly inventory?: string | undefined;
  /** How far it stands to the right, where it belongs to another one. */
  readonly indent?: number;
  /** Whom it is about, told before a sentence that does not begin with that. */
  readonly about?: string;
}

/** A journal may have lines of any length. */
const LONGEST = 300;

/** A problem as a person reads it: its sentence, below that what shows it, and what to do. */
export function problemLines(
  { sentence, evidence = [], next }: Pick<Problem, 'sentence' | 'evidence' | 'next'>,
  { inventory, indent = 0, about }: Layout = {},
): readonly string[] {
  const space = ' '.repeat(indent);
  const said = about === undefined ? sentence : `${about}: ${withoutName(sentence, about)}`;
  return [
    `${space}${said}`,
    ...evidence.map((line) => `${space}    | ${line.slice(0, LONGEST)}`),
    ...(next.length === 0 ? [] : [`${space}  next: ${nextText(next, inventory)}`]),
  ];
}

/** A sentence without the name that begins it, where the name is told beside it. */
export function withoutName(sentence: string, name: string): string {
  return sentence.startsWith(`${name}: `) ? sentence.slice(name.length + 2) : sentence;
}

/** A command of ours as it is typed. */
export function commandText({ provision }: OwnCommand, inventory: string): string {
  const words = filledIn(provision, inventory).map(quote);
  return ['provision', ...words].join(' ');
}

function isCommand(part: Remedy['parts'][number]): part is OwnCommand {
  return typeof part !== 'string' && 'provision' in part;
}

function filledIn(words: readonly Word[], inventory: string): readonly string[] {
  return words.map((word) => (typeof word === 'string' ? word : inventory));
}

/** A remedy for machines: the sentence, and the commands in it as they would be called. */
interface RemedyData {
  readonly do: string;
  readonly commands: readonly (readonly string[])[];
}

/** A problem for machines. */
export interface ProblemData {
  /** Which rule has found it: what programs may go by. */
  readonly kind: string;
  readonly severity?: Severity;
  readonly about: readonly string[];
  readonly sentence: string;
  readonly evidence: readonly string[];
  readonly next: readonly RemedyData[];
}

/** The same for machines. */
export function problemData(
  { kind, about, severity, sentence, evidence = [], next }: Problem,
  inventory: string,
): ProblemData {
  return {
    kind,
    ...(severity && { severity }),
    about,
    sentence,
    evidence,
    next: nextData(next, inventory),
  };
}

/** What to do next for machines. */
export function nextData(next: Next, inventory: string): readonly RemedyData[] {
  return next.map((one) => ({
    do: remedyText(one, inventory),
    commands: one.parts.flatMap((part) =>
      isCommand(part) ? [['provision', ...filledIn(part.provision, inventory)]] : [],
    ),
  }));
}
