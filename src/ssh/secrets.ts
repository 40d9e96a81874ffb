import { readFileSync } from 'node:fs';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { Secret } from '../shell/secret.ts';

/** Asks a person for something that must not be shown while typed; nothing when nobody is there to ask. */
export type Ask = (question: string) => Promise<Secret | undefined>;

/** Gives each secret of a run, asking for each but once however many hosts need it. */
export interface Secrets {
  /** From `ask`, `env:NAME` or `fd:NUMBER`; the question says what it is. Throws a Failure when there is none. */
  readonly get: (source: string, question: string) => Promise<Secret>;
  /** Whether somebody can be asked. */
  readonly canAsk: boolean;
  /** Asks again each time: one-time codes. */
  readonly askAgain: Ask;
}

/** The secrets of one run. */
export function secrets(ask?: Ask): Secrets {
  const known = new Map<string, Promise<Secret>>();
  // One question at a time, or two hosts would ask over each other.
  let line: Promise<unknown> = Promise.resolve();
  const askInTurn: Ask = (question) => {
    const answer = line.then(() => ask?.(question));
    line = answer.catch(() => {
      // The caller gets the failure; the next one in line is not affected.
    });
    return answer;
  };

  return {
    canAsk: ask !== undefined,
    askAgain: askInTurn,
    get: (source, question) => {
      const key = source === 'ask' ? question : source;
      const secret = known.get(key) ?? find(source, question, askInTurn);
      known.set(key, secret);
      return secret;
    },
  };
}

async function find(source: string, question: string, ask: Ask): Promise<Secret> {
  if (source !== 'ask') return taken.get(source) ?? take(source, question);

  const answer = await ask(question);
  if (answer === undefined) throw missing(question, 'there is no terminal to ask at');
  return answer;
}

// The process has but one environment and one of each descriptor, and they give their secret once: descriptors run
// dry, and a variable is taken out, so that no program started from here inherits it.
const taken = new Map<string, Secret>();

function take(source: string, question: string): Secret {
  const [kind, name = ''] = source.split(':');
  const secret = kind === 'env' ? fromEnvironment(name, question) : fromDescriptor(name, question);
  taken.set(source, secret);
  return secret;
}

function fromEnvironment(name: string, question: string): Secret {
  const value = process.env[name];
  if (value === undefined) throw missing(question, `the environment variable ${name} is not set`);
  delete process.env[name];
  return new Secret(value);
}

function fromDescriptor(number: string, question: string): Secret {
  try {
    return new Secret(readFileSync(Number(number), 'utf8').replace(/\r?\n$/, ''));
  } catch (cause) {
    throw missing(question, `file descriptor ${number} cannot be read`, cause);
  }
}

function missing(question: string, why: string, cause?: unknown): Failure {
  return new Failure('usage', `${question} is needed, but ${why}`, {
    cause,
    next: [
      remedy`set it to env:NAME or fd:NUMBER under ssh in the inventory, or run provision at a terminal`,
    ],
  });
}
