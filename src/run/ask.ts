import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

/** Returns when a person says yes; throws a Failure otherwise, also where there is nobody to ask. */
export async function agreed(question: string, signal?: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new Failure('usage', 'there is no terminal to ask on', { next: [remedy`add --yes`] });
  }
  const { confirm } = await prompts();
  const asked = confirm({ message: question, default: false }, { ...(signal && { signal }) });
  if (!(await asked.catch(unanswered))) {
    throw new Failure('interrupted', 'not agreed; nothing was changed');
  }
}

/** Whether a person says yes; no on Ctrl-C. Only where there is a terminal. */
export async function saysYes(question: string, signal?: AbortSignal): Promise<boolean> {
  const { confirm } = await prompts();
  const asked = confirm({ message: question, default: true }, { ...(signal && { signal }) });
  return (await asked.catch(unanswered)) ?? false;
}

/** Returns when a person types the phrase; throws a Failure otherwise, also where there is nobody to ask. */
export async function typedPhrase(
  phrase: string,
  flag: string,
  signal?: AbortSignal,
): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new Failure('refused', 'there is no terminal to confirm on', {
      next: [remedy`add ${flag}`],
    });
  }
  const { input } = await prompts();
  const asked = input({ message: `Type "${phrase}" to go on:` }, { ...(signal && { signal }) });
  if ((await asked.catch(unanswered)) !== phrase)
    throw new Failure('interrupted', 'not confirmed; nothing was changed');
}

/** What a person types, never blank; throws a Failure on Ctrl-C, and the given one where there is nobody to ask. */
export async function answered(question: string, nobody: Failure): Promise<string> {
  if (!process.stdin.isTTY) throw nobody;
  const { input } = await prompts();
  const asked = input({ message: question, validate: (text) => text.trim() !== '' });
  const text = await asked.catch(unanswered);
  if (text === undefined) throw new Failure('interrupted', 'not answered; nothing was changed');
  return text;
}

// Most runs ask nothing, and this takes 30 ms to load.
const prompts = () => import('@inquirer/prompts');

// Ctrl-C at a question ends it without an answer, as closing its signal does.
function unanswered(error: Error): undefined {
  if (error.name === 'ExitPromptError' || error.name === 'AbortPromptError') return undefined;
  throw error;
}
