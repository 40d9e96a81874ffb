import type { Run } from '../diagnosis/remarks.ts';
import { downRemarks } from '../diagnosis/remarks.ts';
import { Failure } from '../failure/failure.ts';
import { isOfCluster } from '../history/history-entry.ts';
import { mergeHistories } from '../history/merge.ts';
import { readHostHistory } from '../history/remote.ts';
import { describeHolder } from '../lock/holder.ts';
import { lockState } from '../lock/inspect.ts';
import type { Problem } from '../problem/problem.ts';
import type { Session } from './session.ts';

type HostsOfCluster = Pick<Session, 'desired' | 'hosts'>;

/**
 * The run that has the lock of the cluster on any host, else one that was cut off with it, else a `down` that is the last
 * one in the histories and did not come to its end: a run that took the lock since has taken its name from it.
 */
export async function lastRun(session: HostsOfCluster): Promise<Run | undefined> {
  const { desired, hosts } = session;
  const states = await Promise.all(
    [...hosts.values()].map((host) => lockState(host, desired.name).catch(passOverFailure)),
  );
  const known = states.flatMap((state): readonly Run[] => {
    if (state?.holder === undefined) return [];
    const { command, option } = state.holder;
    return [{ works: state.held, words: describeHolder(state.holder), command, option }];
  });
  return known.find(({ works }) => works) ?? known[0] ?? lastDown(session);
}

/** Everything that the hosts remember of the cluster, the latest last. */
export async function rememberedRuns({
  desired,
  hosts,
}: HostsOfCluster): Promise<ReturnType<typeof mergeHistories>> {
  const { name } = desired;
  const addresses = desired.members.map(({ address }) => address);
  const histories = await Promise.all(
    [...hosts].map(
      async ([host, on]) =>
        [host, (await readHostHistory(on, name).catch(passOverFailure)) ?? []] as const,
    ),
  );
  return mergeHistories(new Map(histories)).filter((entry) =>
    isOfCluster(entry, { name, addresses }),
  );
}

/** A `down` that was cut off or failed, and after which nothing was changed. */
export async function lastDown(session: HostsOfCluster): Promise<Run | undefined> {
  const last = (await rememberedRuns(session)).at(-1);
  if (last?.command !== 'down' || last.result === 'done') return undefined;
  const { who, at, command, option, result } = last;
  const doing = option === undefined ? command : `${command} ${option}`;
  return {
    ...{ works: false, command, option, failed: result === 'failed' },
    words: `${who}, doing ${doing} since ${at}`,
  };
}

/** What is told first of hosts that a `down` has left half-way; nothing where another run works there. */
export function aboutDown(run: Run | undefined, cluster: string): readonly Problem[] {
  return downRemarks({ run }).map((one) => ({ ...one, about: [cluster] }));
}

// A host that cannot be asked is told of by what needs it.
function passOverFailure(error: unknown): undefined {
  if (error instanceof Failure) return undefined;
  throw error;
}
