import { Failure } from '../failure/failure.ts';
import { Secret } from '../shell/secret.ts';
import type { Ask } from '../ssh/secrets.ts';

/** Asks for passwords and passphrases of SSH at the terminal; nothing where there is none. Ctrl-C throws a Failure. */
export function secretAsker(): Ask | undefined {
  if (!process.stdin.isTTY) return undefined;
  return async (question) => {
    // Nearly every run asks nothing, and this takes 60 ms to load.
    const { password } = await import('@inquirer/prompts');
    // The answer on stdout may be meant for a pipe.
    const asked = password({ message: `${question}:` }, { output: process.stderr });
    return new Secret(await asked.catch(unanswered));
  };
}

function unanswered(error: Error): never {
  if (error.name !== 'ExitPromptError') throw error;
  throw new Failure('interrupted', 'not answered; nothing was changed');
}
