import type { Next } from '../problem/remedy.ts';

/** Why a run ended without success; `cli.ts` turns it into the exit code of DESIGN §3. */
export type Reason =
  | 'failed'
  | 'usage'
  | 'refused'
  | 'unreachable'
  | 'locked'
  | 'paused'
  | 'interrupted';

/** Exit code of an operation that stopped in a stable state and is to be finished by another command. */
export const PAUSED = 6;

export interface FailureDetails {
  /** The next command to type, or the next thing to do. Only what a person ended by hand can do without. */
  readonly next: Next;
  readonly cause?: unknown;
  /** The hosts on which a step failed, where that is known, each with the sentence that says what failed there. */
  readonly hosts?: ReadonlyMap<string, string> | undefined;
  /** Further lines, told below the sentence as they are. */
  readonly lines?: readonly string[] | undefined;
  /** What it is made of, where several ended it, each with what to do next of its own. */
  readonly parts?: readonly Failure[] | undefined;
  /** Everything that was seen (stdout, stderr, journal); goes to the log file, not to the terminal. */
  readonly evidence?: string | undefined;
}

/** An end that a person must act on: one sentence with host and cause, then what to do next. Never a bug of ours. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly reason: Reason;
  readonly next: Next;
  readonly evidence: string | undefined;
  /** What is told first, without the lines below it. */
  readonly sentence: string;
  readonly lines: readonly string[];
  /** The hosts on which a step failed, each with what failed there; empty where that is not known. */
  readonly hosts: ReadonlyMap<string, string>;
  /** The failures that it is made of; empty where it is one. */
  readonly parts: readonly Failure[];

  constructor(reason: 'interrupted', sentence: string);
  constructor(reason: Reason, sentence: string, details: FailureDetails);
  constructor(reason: Reason, sentence: string, details?: FailureDetails) {
    super([sentence, ...(details?.lines ?? [])].join('\n'), { cause: details?.cause });
    this.sentence = sentence;
    this.lines = details?.lines ?? [];
    this.reason = reason;
    this.next = details?.next ?? [];
    this.evidence = details?.evidence;
    this.hosts = details?.hosts ?? new Map();
    this.parts = details?.parts ?? [];
  }
}
