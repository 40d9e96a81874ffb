import type { ClusterFacts } from '../facts/cluster.ts';
import { askAlarmList } from '../facts/etcd/ask-alarm-list.ts';
import { observed } from '../observed/observed.ts';
import { observe } from './observe.ts';
import type { Session } from './session.ts';

/** What is on the hosts, without programs to bring there: nothing is started. Throws a Failure. */
export async function lookWithoutPrograms(session: Session): Promise<ClusterFacts> {
  const facts = await observe({
    ...session,
    binaries: () => Promise.resolve([]),
    hasEveryVersion: false,
  });
  return withAlarms(session, facts);
}

/** Before 3.4 no status names alarms: who answers is asked for the list of them. */
async function withAlarms(
  { desired, hosts }: Pick<Session, 'desired' | 'hosts'>,
  facts: ClusterFacts,
): Promise<ClusterFacts> {
  const { answers } = observed(desired, facts);
  const [{ name, found } = {}] = answers;
  const status = found?.etcd.status;
  const isTold = answers.some((one) => (one.found?.etcd.status?.errors.length ?? 0) > 0);
  const host = name === undefined ? undefined : hosts.get(name);
  if (isTold || host === undefined || name === undefined || found === undefined) return facts;
  if (status === undefined) return facts;
  const errors = await askAlarmList(host, desired);
  if (errors.length === 0) return facts;
  const etcd = { ...found.etcd, status: { ...status, errors } };
  return { ...facts, members: new Map(facts.members).set(name, { ...found, etcd }) };
}
