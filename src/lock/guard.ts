import { entryLine, type Run } from '../history/history-entry.ts';
import type { Host } from '../host/host.ts';
import { fencedHost } from './fenced-host.ts';
import { describeHolder } from './holder.ts';
import { type Lease, takeLock, takeLockWithin } from './take.ts';

/** A cluster on its way to being ours alone. */
export interface Guard {
  /** The hosts, each of which refuses commands once it no longer keeps the lock for us. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly lease: Promise<Lease>;
}

export interface GuardOptions {
  /** How many members the cluster has, reachable or not. */
  readonly memberCount: number;
  /** Seconds to wait while another run has the lock. */
  readonly wait: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
}

/** Begins to lock the cluster for this run; what is asked of the hosts meanwhile does not wait for it. */
export function guard(hosts: ReadonlyMap<string, Host>, run: Run, options: GuardOptions): Guard {
  const { memberCount, wait, signal, say } = options;
  const { id, who, command, option, at: since } = run;
  const holder = { id, who, pid: process.pid, command, option, since };
  const cutLine = entryLine({ ...run, result: 'cut off' });
  let isOurs = false;

  const attempt = () => takeLock(run.cluster, [...hosts.values()], memberCount, holder, cutLine);
  const lease = takeLockWithin(wait, attempt, say, signal).then((taken) => {
    isOurs = true;
    if (taken.cut) say(`note: the run before this one was cut off: ${describeHolder(taken.cut)}`);
    return taken;
  });
  // A run that ends before it needs the lock does not care.
  lease.catch(() => {});
  const fenced = [...hosts].map(
    ([name, host]) => [name, fencedHost(host, run.cluster, id, () => isOurs)] as const,
  );
  return { hosts: new Map(fenced), lease };
}
