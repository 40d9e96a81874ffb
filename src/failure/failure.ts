import type { Problem } from '../problem/problem.ts';
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

/** How a run ended beside what its problem says. */
export interface Attachments {
  readonly cause?: unknown;
  /** The hosts on which a step failed, where that is known, each with the sentence that says what failed there. */
  readonly hosts?: ReadonlyMap<string, string> | undefined;
  /** The problems that it is made of, told below it, each with what helps it alone. */
  readonly parts?: readonly Problem[] | undefined;
  /** Everything that was seen (stdout, stderr, journal); goes to the log file, not to the terminal. */
  readonly log?: string | undefined;
}

export interface FailureDetails extends Attachments {
  /** The next command to type, or the next thing to do. Only what a person ended by hand can do without. */
  readonly next: Next;
}

/** An end that a person must act on, with the problem that it is about. Never a bug of ours. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly reason: Reason;
  readonly problem: Problem;
  /** The problems that it is made of; empty where it is one. */
  readonly parts: readonly Problem[];
  readonly log: string | undefined;
  /** The hosts on which a step failed, each with what failed there; empty where that is not known. */
  readonly hosts: ReadonlyMap<string, string>;

  constructor(reason: 'interrupted', sentence: string);
  constructor(reason: Reason, sentence: string, details: FailureDetails);
  constructor(reason: Reason, problem: Problem, outcome?: Attachments);
  constructor(reason: Reason, what: string | Problem, details: Partial<FailureDetails> = {}) {
    const { cause, hosts = new Map(), parts = [], log, next = [] } = details;
    const problem =
      typeof what === 'string' ? { kind: reason, about: [], sentence: what, next } : what;
    super([problem.sentence, ...parts.map(({ sentence }) => `  ${sentence}`)].join('\n'), {
      cause,
    });
    this.reason = reason;
    this.problem = problem;
    this.parts = parts;
    this.log = log;
    this.hosts = hosts;
  }

  /** What to do about all of it; what helps a part alone stands beside that. */
  get next(): Next {
    return this.problem.next;
  }
}

/** What a failure says, as a part of another one. */
export function partOf({ problem, message }: Failure): Problem {
  return { ...problem, sentence: message };
}
