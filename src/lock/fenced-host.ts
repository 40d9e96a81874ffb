import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { lines } from '../shell/command.ts';
import { FENCED, fence } from './lock-script.ts';

/**
 * The same machine, where every command first looks whether the lock is still kept for this run: a run that was frozen
 * and wakes up must not touch what others now work on. Commands are let through as long as `guards` says no.
 */
export function fencedHost(host: Host, cluster: string, id: string, guards: () => boolean): Host {
  return {
    name: host.name,
    dial: (address, port) => host.dial(address, port),
    close: () => host.close(),
    run: async (command, options) => {
      if (!guards()) return host.run(command, options);
      const result = await host.run(lines([fence(cluster, id), command]), options);
      if (result.exitCode === FENCED) throw lockLost(host.name, cluster);
      return result;
    },
  };
}

/** The lock is no longer ours on this host: taken away, or lost with the connection that kept it. */
export function lockLost(host: string, cluster: string, cause?: unknown): Failure {
  if (cause instanceof Failure) {
    return new Failure(
      'unreachable',
      `${host}: the connection is lost, and the lock of ${cluster} with it, so nothing more is done`,
      { cause, next: [remedy`bring back the way to the host, then run the same command again`] },
    );
  }
  return new Failure(
    'locked',
    `${host}: no longer keeps the lock of ${cluster} for this run, so nothing more is done`,
    {
      next: [
        remedy`${provision('lock', 'status', INVENTORY)} shows who works on it; then run the same command again`,
      ],
    },
  );
}
