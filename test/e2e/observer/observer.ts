import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Endpoint } from './kv-client.ts';
import type { Observation, Order } from './observation.ts';

export interface Observer {
  /** From now on clients use these endpoints, as after a change of protocol, port or certificates. */
  use(endpoints: readonly Endpoint[]): void;
  /** Ends writing, reads everything back, and says what was seen. */
  stop(): Promise<Observation>;
}

const observing = new Set<ChildProcess>();

/**
 * Starts writing (50 a second, each to the next endpoint), reading and watching in a process of its own, which ends with
 * ours. It shares nothing with the product: what it says judges it.
 */
export function observe(endpoints: readonly Endpoint[]): Observer {
  const program = fileURLToPath(new URL('observer-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import=tsx', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const printed = text(child.stdout);
  observing.add(child);
  const ended = once(child, 'close');
  child.once('close', () => observing.delete(child));
  const order = (line: Order) => child.stdin.write(`${JSON.stringify(line)}\n`);
  order({ do: 'use', endpoints });
  return {
    use: (next) => order({ do: 'use', endpoints: next }),
    async stop() {
      order({ do: 'stop' });
      child.stdin.end();
      await ended;
      return JSON.parse(await printed);
    },
  };
}

test.after.always('no observer is left', () => {
  // A test that failed half-way has not stopped its own.
  for (const child of observing) child.kill('SIGKILL');
});
