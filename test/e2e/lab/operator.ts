import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { builtCli } from './build.ts';

/** How a run ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A person at a machine of their own, with a run that can be watched and disturbed. */
export interface Operator {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Where this operator's machine keeps logs and history. */
  readonly state: string;
  /** Everything printed so far, both streams in their order of arrival. */
  said(): string;
  /** Resolves once the text was printed; throws when the run ends before that, or after 120 s. */
  says(text: string | RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface OperatorOptions {
  readonly state?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is behind descriptors 3, 4, …: their text. */
  readonly descriptors?: readonly string[];
}

/** Starts the built command line; it is killed after five minutes at the latest. */
export async function startOperator(
  args: readonly string[],
  { state, env = {}, descriptors = [] }: OperatorOptions = {},
): Promise<Operator> {
  const cli = await builtCli();
  const home = state ?? (await stateDirectory());
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, XDG_STATE_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors.map(() => 'pipe' as const)],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  descriptors.forEach((text, index) => {
    const pipe = child.stdio[3 + index];
    if (!pipe || !('end' in pipe)) return;
    // A run may end without having read it.
    pipe.on('error', () => {});
    pipe.on('finish', () => pipe.destroy());
    pipe.end(text);
  });
  let stdout = '';
  let stderr = '';
  let all = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
    all += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
    all += chunk;
  });
  const ended = once(child, 'close').then(([exitCode, signal]) => ({
    ...{ exitCode, signal, stdout, stderr },
  }));
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });

  return {
    pid: child.pid ?? 0,
    process: child,
    state: join(home, 'provision'),
    said: () => all,
    says: async (text) => {
      const said = () => (typeof text === 'string' ? all.includes(text) : text.test(all));
      for (let looks = 0; looks < 2400 && !said(); looks++) {
        if (isOver) throw new Error(`it ended without saying ${text}:\n${all}`);
        await sleep(50);
      }
      if (!said()) throw new Error(`it did not say ${text} in time:\n${all}`);
    },
    kill: (signal) => {
      child.kill(signal);
    },
    ended,
  };
}

const states: string[] = [];

/** An empty state directory, removed after the tests of the file. */
export async function stateDirectory(): Promise<string> {
  const state = await mkdtemp(join(tmpdir(), 'provision-state-'));
  states.push(state);
  return state;
}

test.after.always('no state is left', async () => {
  for (const state of states) await rm(state, { recursive: true, force: true });
});
