import { sh } from '../shell/command.ts';
import type { Fact } from './fact.ts';

/** A TCP port somebody listens on. */
export interface ListenerFact {
  readonly port: number;
  readonly process: string;
  readonly pid: number;
}

/** Who listens on the given TCP ports; empty where `ss` is missing. */
export const listenersFact = (ports: readonly number[]): Fact<readonly ListenerFact[]> => ({
  ask: sh`ss -Hltnp`,
  read: ({ stdout }) =>
    stdout.split('\n').flatMap((line) => {
      const port = Number(/:(\d+)\s/.exec(line.split(/\s+/).slice(3).join(' '))?.[1] ?? 0);
      const owner = /users:\(\("([^"]*)",pid=(\d+)/.exec(line);
      return ports.includes(port)
        ? [{ port, process: owner?.[1] ?? 'unknown', pid: Number(owner?.[2] ?? 0) }]
        : [];
    }),
});
