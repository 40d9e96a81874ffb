import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import { refuseOthersFiles } from '../trust/ownership.ts';

const MINUTES = 10;

/** What a hook may know, as PROVISION_… in its environment. */
export interface HookContext {
  readonly cluster: string;
  readonly command: string;
  /** Absolute path of the inventory. */
  readonly inventory: string;
  /** Names of the hosts, in the inventory's order. */
  readonly hosts: readonly string[];
  readonly run: string;
  readonly plan?: string | undefined;
  readonly changes?: string | undefined;
  readonly result?: string | undefined;
  readonly error?: string | undefined;
  readonly seconds?: number | undefined;
}

export interface Hooks {
  /** `hooks` beside the inventory. */
  readonly directory: string;
  /** Variables of ours that no child may see: they hold passwords. */
  readonly hidden: readonly string[];
}

/**
 * Runs the executable of this name in the directory of hooks, where there is one; what it prints goes to stderr. It gets
 * ten minutes. Throws a Failure when it does not exit 0, cannot be executed, or could have been written by anybody.
 */
export async function runHook(
  { directory, hidden }: Hooks,
  name: string,
  context: HookContext,
  signal?: AbortSignal,
): Promise<void> {
  const file = join(directory, name);
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new Failure('usage', `hook ${file} cannot be read (${error.code})`, {
      cause: error,
      next: [remedy`correct it, or the hooks directory in the inventory: ${directory}`],
    });
  });
  if (found === undefined) return;
  await refuseUnfit(file);

  // Most runs have no hook, and this takes 60 ms to load.
  const { execa } = await import('execa');
  const ended = await execa(file, [], {
    cwd: directory,
    env: environment(process.env, hidden, context),
    extendEnv: false,
    stdin: 'ignore',
    // stdout belongs to the result of the run.
    stdout: process.stderr,
    stderr: process.stderr,
    reject: false,
    timeout: MINUTES * 60_000,
    ...(signal && { cancelSignal: signal }),
    // A terminal's Ctrl-C is for us, who decide what is finished first.
    detached: true,
  });
  if (ended.exitCode === 0) return;
  signal?.throwIfAborted();
  const how = ended.timedOut
    ? `did not end within ${MINUTES} minutes`
    : ended.exitCode === undefined
      ? `could not be run: ${ended.shortMessage}`
      : `ended with exit code ${ended.exitCode}`;
  throw new Failure('failed', `hook ${file} ${how}`, {
    next: [remedy`fix it, or move it away: ${file}`],
  });
}

async function refuseUnfit(file: string): Promise<void> {
  refuseOthersFiles(file, 'the hook');
  await access(file, constants.X_OK).catch(() => {
    throw new Failure('usage', `hook ${file} cannot be executed`, {
      next: [remedy`chmod +x ${quote(file)}`],
    });
  });
}

/** Our own environment without what is hidden and without what a run above us told its hook, and the context beside it. */
export function environment(
  ours: NodeJS.ProcessEnv,
  hidden: readonly string[],
  context: HookContext,
): Readonly<Record<string, string>> {
  const { hosts, ...rest } = context;
  const told = Object.entries({ ...rest, hosts: hosts.join(' ') }).flatMap(([name, value]) =>
    value === undefined ? [] : [[`PROVISION_${name.toUpperCase()}`, String(value)] as const],
  );
  const kept = Object.entries(ours).flatMap(([name, value]) =>
    value === undefined || hidden.includes(name) || name.startsWith('PROVISION_')
      ? []
      : [[name, value] as const],
  );
  return Object.fromEntries([...kept, ...told]);
}
