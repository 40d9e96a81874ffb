import type { ClusterFacts } from '../../facts/cluster.ts';
import { EndedWhenRead } from '../../facts/etcd/hashes.ts';
import { askLogBirth } from '../../facts/host/log-age.ts';
import { Failure } from '../../failure/failure.ts';
import { corruptionAlarms } from '../../observed/corruption.ts';
import { allFound, foundOf } from '../../observed/found.ts';
import { judgeLog } from '../../plan/log-verdict.ts';
import { corruptMember, type Suspect } from '../../plan/membership/offer-replacement.ts';
import type { Problem } from '../../problem/problem.ts';
import { withoutName } from '../../problem/render.ts';
import type { Session } from '../../run/session.ts';
import { oddMember, refuseUnequalHashes } from '../../verify/hashes.ts';

/** What comparing the members' data has shown. */
export interface Compared {
  /** That they hold different data, where they could be compared. */
  readonly difference?: Problem;
  /** The member whose process ended when its keys were read. */
  readonly unreadable?: string;
}

/** Members of one cluster that answer may still hold different data: etcd itself looks only where it was told to. */
export async function comparedData(
  { desired, hosts }: Session,
  facts: ClusterFacts,
): Promise<Compared> {
  const clusters = allFound(facts).flatMap(({ etcd }) => etcd.status?.clusterId ?? []);
  if (new Set(clusters).size !== 1) return {};
  try {
    await refuseUnequalHashes(desired, hosts, facts);
    return {};
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error instanceof EndedWhenRead) return { unreadable: error.member };
    // A comparison that was not possible says nothing about the data.
    if (error.reason !== 'refused') return {};
    const difference = {
      kind: 'data-differs',
      about: [],
      sentence: withoutName(error.message, desired.name),
      evidence: await whoHolds(desired, hosts, facts),
      next: error.next,
    };
    return { difference };
  }
}

/** The member that etcd's corruption alarm names or, where none does, the one that differs; and whether the others agree. */
export async function suspectMember(
  { desired, hosts }: Session,
  facts: ClusterFacts,
  difference: Problem | undefined,
): Promise<Suspect | undefined> {
  const named = corruptMember(desired, facts);
  const isNamed = corruptionAlarms(desired, facts).members.length > 0;
  if (named === undefined && (isNamed || difference === undefined)) return undefined;
  try {
    const member = named ?? (await oddMember(desired, hosts, facts));
    if (member === undefined) return undefined;
    return { member, others: await othersOf(member, { desired, hosts }, facts) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined;
  }
}

async function othersOf(
  member: string,
  { desired, hosts }: Pick<Session, 'desired' | 'hosts'>,
  facts: ClusterFacts,
): Promise<Suspect['others']> {
  const isOther = ([name]: readonly [string, unknown]) => name !== member;
  const members = new Map([...facts.members].filter(isOther));
  try {
    await refuseUnequalHashes(desired, new Map([...hosts].filter(isOther)), { ...facts, members });
    return 'same';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.reason === 'refused' ? 'differ' : 'not-compared';
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
      const birth = await askLogBirth(host, found.data?.logAt ?? paths.wal);
      const began =
        birth === undefined ? 'at an unknown time' : new Date(birth * 1000).toISOString();
      const { revision, raftTerm, raftIndex, dbSize, errors } = status;
      const alarms = errors.length === 0 ? '' : `; ${errors.join(' ')}`;
      const replaced = judgeLog(found) === 'replaced' ? ', and is not the one recorded for it' : '';
      return `${name}: revision ${revision}, raft term ${raftTerm}, index ${raftIndex}, database ${dbSize} bytes; its log began ${began}${replaced}${alarms}`;
    }),
  );
}
