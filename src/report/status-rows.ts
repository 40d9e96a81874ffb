import type { DesiredCluster } from '../desired/cluster.ts';
import { alarmsTold } from '../etcd/alarms.ts';
import { leads } from '../etcd/leader.ts';
import type { MemberFacts } from '../facts/member.ts';
import { Failure } from '../failure/failure.ts';
import { daysLeft } from '../pki/judge.ts';
import type { StoreFacts } from '../pki/store-facts.ts';
import { isDataMissing } from '../plan/boot.ts';
import { couldNotBeAsked } from '../plan/etcdctl-trouble.ts';
import { endpointsOf } from '../plan/serving.ts';

/** What is shown of one member; what could not be learnt is undefined. */
export interface MemberStatus {
  readonly name: string;
  /** Where it serves clients; several while the protocol is being switched. */
  readonly endpoints: readonly string[];
  /** The first of them. */
  readonly endpoint: string;
  readonly healthy: boolean;
  /** It answers, and shows keys to nobody without a user. */
  readonly asksForUser: boolean;
  /** It runs, and there was no way to ask it. */
  readonly unasked: boolean;
  readonly id: string | undefined;
  readonly version: string | undefined;
  /** bytes */
  readonly dbSize: number | undefined;
  readonly isLeader: boolean | undefined;
  readonly isLearner: boolean | undefined;
  readonly raftTerm: number | undefined;
  readonly raftIndex: number | undefined;
  readonly raftAppliedIndex: number | undefined;
  readonly errors: readonly string[];
  readonly unit: string | undefined;
  /** Days the certificate with the least time has left. */
  readonly certificateDays: number | undefined;
  readonly trouble: string | undefined;
}

export type SeenMember = MemberFacts | Failure;

/** One row for each member of the inventory, in its order. */
export function clusterStatus(
  desired: DesiredCluster,
  members: ReadonlyMap<string, SeenMember>,
  store: StoreFacts,
  now: Date,
): readonly MemberStatus[] {
  const known = new Map(
    [...members].flatMap(([name, seen]) =>
      seen instanceof Failure ? [] : [[name, seen] as const],
    ),
  );
  return desired.members.map(({ name, clientUrl }) => {
    const endpoints = endpointsOf({ name, clientUrl }, known);
    const seen = members.get(name);
    const facts = seen instanceof Failure ? undefined : seen;
    const status = facts?.etcd.status;
    const certificates = desired.certificates.filter(({ member }) => member === name);
    const days = certificates.flatMap(({ id }) => {
      const stored = store.certificates.get(id);
      return stored === undefined ? [] : [daysLeft(stored.fact, now)];
    });
    return {
      name,
      endpoints,
      endpoint: endpoints[0] ?? clientUrl,
      healthy: facts?.etcd.healthy ?? false,
      asksForUser: facts?.etcd.asksForUser ?? false,
      unasked: facts !== undefined && couldNotBeAsked(facts),
      id: status?.memberId,
      version: status?.version,
      dbSize: status?.dbSize,
      isLeader: status && leads(status),
      isLearner: status?.isLearner,
      raftTerm: status?.raftTerm,
      raftIndex: status?.raftIndex,
      raftAppliedIndex: status?.raftAppliedIndex,
      errors: facts === undefined ? [] : alarmsTold(facts.etcd),
      unit: facts && `${facts.unit.active}${facts.unit.enabled ? '' : ', not enabled'}`,
      certificateDays: days.length === 0 ? undefined : Math.min(...days),
      trouble: seen instanceof Failure ? `unreachable: ${seen.message}` : facts && troubleOf(facts),
    };
  });
}

function troubleOf(facts: MemberFacts): string | undefined {
  if (isDataMissing(facts))
    return 'etcd does not run, and its data is missing: is its disk mounted?';
  const { unasked, complaint } = facts.etcd;
  if (!couldNotBeAsked(facts)) return complaint;
  return `etcd runs, and could not be asked: the etcdctl beside it does not run there (${unasked})`;
}
