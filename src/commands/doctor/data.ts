import type { ClusterFacts } from '../../facts/cluster.ts';
import { askLogBirth } from '../../facts/host/log-age.ts';
import { Failure } from '../../failure/failure.ts';
import { allFound, foundOf } from '../../observed/found.ts';
import { judgeLog } from '../../plan/log-verdict.ts';
import type { Problem } from '../../problem/problem.ts';
import { withoutName } from '../../problem/render.ts';
import type { Session } from '../../run/session.ts';
import { refuseUnequalHashes } from '../../verify/hashes.ts';

/** Members of one cluster that answer may still hold different data: etcd itself looks only where it was told to. */
export async function dataDifference(
  { desired, hosts }: Session,
  facts: ClusterFacts,
): Promise<Problem | undefined> {
  const clusters = allFound(facts).flatMap(({ etcd }) => etcd.status?.clusterId ?? []);
  if (new Set(clusters).size !== 1) return undefined;
  try {
    await refuseUnequalHashes(desired, hosts, facts);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A comparison that was not possible says nothing about the data.
    if (error.reason !== 'refused') return undefined;
    return {
      kind: 'data-differs',
      about: [],
      sentence: withoutName(error.message, desired.name),
      evidence: await whoHolds(desired, hosts, facts),
      next: error.next,
    };
  }
}

/** What tells who holds more, where members differ: revision, term, index, when the log began, alarms. */
async function whoHolds(
  { paths, members }: Session['desired'],
  hosts: Session['hosts'],
  facts: ClusterFacts,
): Promise<readonly string[]> {
  return await Promise.all(
    members.map(async ({ name }) => {
      const host = hosts.get(name);
      const found = foundOf(facts, name);
      const status = found?.etcd.status;
      if (host === undefined || found === undefined || status === undefined)
        return `${name}: does not say what it holds`;
      const birth = await askLogBirth(host, paths.wal);
      const began =
        birth === undefined ? 'at an unknown time' : new Date(birth * 1000).toISOString();
      const { revision, raftTerm, raftIndex, dbSize, errors } = status;
      const alarms = errors.length === 0 ? '' : `; ${errors.join(' ')}`;
      const replaced = judgeLog(found) === 'replaced' ? ', and is not the one recorded for it' : '';
      return `${name}: revision ${revision}, raft term ${raftTerm}, index ${raftIndex}, database ${dbSize} bytes; its log began ${began}${replaced}${alarms}`;
    }),
  );
}
