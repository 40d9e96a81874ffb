import { delimiter } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

/** How a program on this machine ended; every exit code is a value. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LocalOptions {
  readonly input?: string;
  /** Variables on top of our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly cwd?: string;
  /** Seconds until the program is killed; 60 unless told. */
  readonly deadline?: number;
}

/** Runs a program on this machine, without a shell. Throws only when it cannot be started or passes its deadline. */
export async function run(
  file: string,
  args: readonly string[],
  options: LocalOptions = {},
): Promise<Outcome> {
  const { deadline = 60, input = '', env = {}, cwd = process.cwd() } = options;
  const ended = await execa(file, args, {
    cwd,
    env: { PATH: searchPath().join(delimiter), ...env },
    extendEnv: true,
    input,
    reject: false,
    stripFinalNewline: false,
    timeout: deadline * 1000,
    killSignal: 'SIGKILL',
  });
  const shown = [file, ...args].join(' ').slice(0, 200);
  if (ended.timedOut)
    throw new Failure('failed', `${shown} did not end in ${deadline} s`, {
      next: [remedy`see what this machine is busy with, and run it again`],
    });
  if (ended.code === 'ENOENT')
    throw new Failure('failed', `${file} is not installed`, {
      next: [remedy`apt-get install ${file}`],
    });
  // A signal ended it: shells call that 128 and more.
  const { exitCode = 128, stdout, stderr } = ended;
  return { exitCode, stdout, stderr };
}

/** The directories programs are looked for in: root's own, which are not in everybody's PATH, and never a package's. */
export function searchPath(): readonly string[] {
  // npm puts node_modules/.bin first, where an `nft` lies that filters no packets.
  const given = (process.env.PATH ?? '').split(delimiter);
  const kept = given.filter((place) => place !== '' && !place.includes('node_modules'));
  return [...new Set([...kept, '/usr/sbin', '/usr/bin', '/sbin', '/bin'])];
}

/** Runs a program that has to succeed and returns its stdout; throws a Failure that says what it was for. */
export async function must(
  purpose: string,
  file: string,
  args: readonly string[],
  options?: LocalOptions,
): Promise<string> {
  const { exitCode, stdout, stderr } = await run(file, args, options);
  if (exitCode === 0) return stdout;
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  throw new Failure('failed', `could not ${purpose}: ${said || `${file} ended with ${exitCode}`}`, {
    next: [remedy`see what it said: its whole output is in the log`],
    log: `${[file, ...args].join(' ')}\n${stdout}\n${stderr}`,
  });
}
