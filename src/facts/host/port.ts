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

/** Those that the same process holds in both looks: what was refused between them was not refused for want of a listener. */
export function lasting(
  before: readonly ListenerFact[],
  after: readonly ListenerFact[],
): readonly ListenerFact[] {
  const isSame = (one: ListenerFact, other: ListenerFact) =>
    one.pid === other.pid && one.port === other.port && one.address === other.address;
  return before.filter((one) => after.some((other) => isSame(one, other)));
}

/** Whether one of them takes connections to this address and port; of a name it is known only where they take all. */
export function listensAt(
  listeners: readonly ListenerFact[],
  place: { readonly address: string; readonly port: number },
): boolean {
  const takes = ['*', '0.0.0.0', '::', place.address];
  return listeners.some(
    ({ port, address }) => port === place.port && address !== undefined && takes.includes(address),
  );
}

// As ss writes it: [::], [::ffff:127.0.0.1], 127.0.0.53%lo.
function bare(address: string): string {
  return address.replaceAll(/[[\]]|%.*$/g, '').replace(/^::ffff:(?=\d+\.)/, '');
}
