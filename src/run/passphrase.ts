import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Failure } from '../failure/failure.ts';
import { unlockCa } from '../pki/ca/unlock-ca.ts';
import type { SigningCa } from '../pki/issue/sign.ts';
import { observeStore } from '../pki/store/store.ts';
import { refuseIfShared } from '../pki/store/store-files.ts';
import { type Next, remedy } from '../problem/remedy.ts';
import { Secret } from '../shell/secret.ts';

/** Whether a passphrase opens something, or is chosen now and typed twice. */
export type Occasion = 'open' | 'choose';

/**
 * The passphrase from where the option says (`ask`, `env:NAME`, `fd:N`, `file:PATH`), or typed where it says nothing.
 * Never on the command line, which every account of the machine can read. One newline at its end is not part of it.
 */
export async function passphraseFrom(
  source: string | undefined,
  what: string,
  occasion: Occasion,
  option = '--passphrase-from',
): Promise<Secret> {
  const next = [remedy`${option} takes ask, env:NAME, fd:N or file:PATH`];
  const [kind, place] = split(source ?? 'ask');
  const text = await read(kind, place, { what, occasion, option, next });
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') {
    throw new Failure('usage', `the passphrase for ${what} is empty`, { next });
  }
  return new Secret(secret);
}

/** The store's CA, ready to sign; its passphrase is asked for only where the key is encrypted. */
export async function openCa(
  store: string,
  source: string | undefined,
  now: Date,
): Promise<SigningCa> {
  const { ca } = await observeStore(store);
  const passphrase =
    ca?.keyEncrypted === true ? await passphraseFrom(source, `${store}/ca.key`, 'open') : undefined;
  return unlockCa(store, now, passphrase);
}

interface Question {
  readonly what: string;
  readonly occasion: Occasion;
  readonly option: string;
  readonly next: Next;
}

async function read(kind: string, place: string, question: Question): Promise<string> {
  switch (kind) {
    case 'ask':
      return ask(question);
    case 'env':
      return fromEnvironment(place, question);
    case 'fd':
    case 'file':
      return fromFile(kind, place, question);
    default:
      throw new Failure('usage', `${kind} is not a place for a passphrase`, {
        next: question.next,
      });
  }
}

async function ask({ what, occasion, option }: Question): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Failure('usage', `${what} needs a passphrase, and there is no terminal to ask on`, {
      next: [remedy`add ${option} with env:NAME, fd:N or file:PATH`],
    });
  }
  const typed = await hidden(`Passphrase for ${what}:`);
  if (occasion === 'choose' && typed !== (await hidden('Once more:'))) {
    throw new Failure('usage', 'the two passphrases differ; nothing was changed', {
      next: [remedy`run it again and type the same twice`],
    });
  }
  return typed;
}

// The answer on stdout may be meant for a pipe; Ctrl-C ends the question without an answer.
async function hidden(message: string): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  const asked = password({ message }, { output: process.stderr });
  return asked.catch((error: Error) => {
    if (error.name !== 'ExitPromptError') throw error;
    throw new Failure('interrupted', 'not answered; nothing was changed');
  });
}

// Taken out of the environment, so that no program started from here inherits it.
function fromEnvironment(name: string, { next }: Question): string {
  const text = process.env[name];
  if (text === undefined) {
    throw new Failure(
      'usage',
      name === '' ? 'env: names no variable' : `the environment has no variable ${name}`,
      {
        next: [remedy`export it before the command`, ...next],
      },
    );
  }
  delete process.env[name];
  return text;
}

async function fromFile(kind: 'fd' | 'file', place: string, { next }: Question): Promise<string> {
  try {
    if (kind === 'file') await refuseIfShared(place);
    // Not by /dev/fd, which cannot be opened where the descriptor is a socket.
    return kind === 'fd' ? readFileSync(Number(place), 'utf8') : await readFile(place, 'utf8');
  } catch (cause) {
    if (cause instanceof Failure && cause.reason === 'refused') throw cause;
    throw new Failure('usage', `${kind}:${place}: no passphrase could be read`, {
      cause,
      next,
    });
  }
}

function split(source: string): readonly [kind: string, place: string] {
  const at = source.indexOf(':');
  return at < 0 ? [source, ''] : [source.slice(0, at), source.slice(at + 1)];
}
