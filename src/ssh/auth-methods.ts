import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2';
import { Failure } from '../failure/failure.ts';
import { printable } from '../host/printable.ts';
import { remedy } from '../problem/remedy.ts';
import type { Secret } from '../shell/secret.ts';
import type { Agent } from './agent.ts';
import type { Hop } from './hop.ts';
import { type KeyFile, readKeyFile } from './key-file.ts';
import type { Secrets } from './secrets.ts';
import type { Unlock } from './unlock.ts';

/** What a run has to log in with, besides key files. */
export interface Means {
  readonly agent: Agent | undefined;
  readonly secrets: Secrets;
  readonly unlock: Unlock;
}

/** A way to log in, and what messages call it. */
export interface AuthMethod {
  readonly label: string;
  readonly method: AnyAuthMethod;
}

/**
 * The ways to log in, in the order ssh tries them: keys an agent holds, key files, passwords. Throws a Failure when
 * there is none, or for a key file that cannot be used.
 */
export async function authMethods(hop: Hop, means: Means): Promise<readonly AuthMethod[]> {
  const files = (await Promise.all(hop.identityFiles.map(readKeyFile))).filter(
    (file) => file !== undefined,
  );
  const byAgent = agentKeys(hop, files, means.agent);
  const byFile: AuthMethod[] = [];
  for (const file of files) {
    if (means.agent?.keys.some((key) => belongs(key, file))) continue;
    // Somebody who named a key wants it used; one that merely lies there is not worth a question when others do.
    const isWanted = hop.named || byAgent.length + byFile.length === 0;
    const key = file.privateKey ?? (file.encrypted && isWanted && (await means.unlock(hop, file)));
    if (!key) continue;
    byFile.push({ label: file.path, method: { type: 'publickey', username: hop.user, key } });
  }
  const ways = [...byAgent, ...byFile, ...(await byPassword(hop, means.secrets))];
  if (ways.length > 0) return ways;

  const agent = means.agent ? 'ssh-agent holds none that fits' : 'no ssh-agent runs';
  throw new Failure(
    'usage',
    `${hop.name}: no key to log in with as ${hop.user}: none at ${hop.identityFiles.join(', ')}, and ${agent}`,
    { next: [remedy`ssh-add, or name a private key as ssh.identityFile in the inventory`] },
  );
}

function agentKeys(hop: Hop, files: readonly KeyFile[], agent: Agent | undefined): AuthMethod[] {
  const isNamed = (key: ParsedKey) => files.some((file) => belongs(key, file));
  const held = agent?.keys ?? [];
  const keys = [
    ...held.filter(isNamed),
    ...(hop.identitiesOnly ? [] : held.filter((key) => !isNamed(key))),
  ];
  if (agent === undefined || keys.length === 0) return [];
  const label = keys.length === 1 ? 'a key of ssh-agent' : `${keys.length} keys of ssh-agent`;
  return [{ label, method: { type: 'agent', username: hop.user, agent: agent.offering(keys) } }];
}

function belongs(key: ParsedKey, file: KeyFile): boolean {
  return file.publicKey?.equals(key.getPublicSSH()) === true;
}

async function byPassword(hop: Hop, secrets: Secrets): Promise<readonly AuthMethod[]> {
  if (hop.password === undefined) return [];
  const password = await secrets.get(hop.password, `password of ${hop.user}`);
  const { user: username } = hop;
  return [
    {
      label: 'the password',
      method: { type: 'password', username, password: password.reveal() },
    },
    {
      label: 'the password, keyboard-interactively',
      method: {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          answer(hop, prompts, password, secrets).then(finish, () => finish([]));
        },
      },
    },
  ];
}

/** A hidden question is for the password, whatever the language, unless it is for a code; a person answers the others. */
async function answer(
  hop: Hop,
  prompts: readonly Prompt[],
  password: Secret,
  secrets: Secrets,
): Promise<string[]> {
  const answers: string[] = [];
  for (const { prompt, echo } of prompts) {
    const isPassword = echo !== true && !/code|token|\botp\b|\bpin\b|factor/i.test(prompt);
    const said = isPassword
      ? password
      : await secrets.askAgain(`${hop.host}: ${printable(prompt)}`);
    answers.push(said?.reveal() ?? '');
  }
  return answers;
}
