import { sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

/** A TCP port somebody listens on. */
export interface ListenerFact {
  readonly port: number;
  /** Without brackets; `*` for all of both families. */
  readonly address?: string;
  readonly process: string;
  readonly pid: number;
}

/** Who listens on the given TCP ports; empty where `ss` is missing. */
export const listenersFact = (ports: readonly number[]): Fact<readonly ListenerFact[]> => ({
  ask: sh`ss -Hltnp`,
  read: ({ stdout }) =>
    stdout.split('\n').flatMap((line) => {
      const [, address = '', said] =
        /^(\S+):(\d+)\s/.exec(line.split(/\s+/).slice(3).join(' ')) ?? [];
      const port = Number(said ?? 0);
      const owner = /users:\(\("([^"]*)",pid=(\d+)/.exec(line);
      return ports.includes(port)
        ? [
            {
              port,
              address: bare(address),
              process: owner?.[1] ?? 'unknown',
              pid: Number(owner?.[2] ?? 0),
            },
          ]
        : [];
    }),
});

// As ss writes it: [::], [::ffff:127.0.0.1], 127.0.0.53%lo.
function bare(address: string): string {
  return address.replaceAll(/[[\]]|%.*$/g, '').replace(/^::ffff:(?=\d+\.)/, '');
}
