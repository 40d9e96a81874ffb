import type { DesiredCluster } from '../desired/cluster.ts';
import { alarmsTold } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { couldNotBeAsked } from '../observed/found.ts';
import { observed } from '../observed/observed.ts';
import type { StoreFacts } from '../pki/store/store-facts.ts';
import { daysLeft } from '../pki/verify/judge.ts';
import { isDataMissing } from '../plan/boot.ts';
import { quotaOf } from '../plan/maintaining/database.ts';
import { endpointsOf } from '../plan/switching/serving.ts';

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
  /** bytes of that in use */
  readonly dbSizeInUse: number | undefined;
  /** bytes the database may have; null where there is no quota, which JSON cannot call infinite */
  readonly quota: number | null | undefined;
  readonly isLeader: boolean | undefined;
  readonly isLearner: boolean | undefined;
  readonly raftTerm: number | undefined;
  readonly raftIndex: number | undefined;
  readonly raftAppliedIndex: number | undefined;
  readonly errors: readonly string[];
  readonly unit: string | undefined;
  /** Days the certificate with the least time has left. */
  readonly certificateDays: number | undefined;
  /** Its host could not be asked. */
  readonly unreachable: boolean;
  readonly trouble: string | undefined;
}

/** One row for each member of the inventory, in its order. */
export function clusterStatus(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  store: StoreFacts,
  now: Date,
): readonly MemberStatus[] {
  return observed(desired, facts).members.map(
    ({ name, desired: { clientUrl }, found, ...seen }) => {
      const endpoints = endpointsOf({ name, clientUrl }, facts.members);
      const status = found?.etcd.status;
      const certificates = desired.certificates.filter(({ member }) => member === name);
      const days = certificates.flatMap(({ id }) => {
        const stored = store.certificates.get(id);
        return stored === undefined ? [] : [daysLeft(stored.fact, now)];
      });
      return {
        name,
        endpoints,
        endpoint: endpoints[0] ?? clientUrl,
        healthy: seen.answers,
        asksForUser: found?.etcd.asksForUser ?? false,
        unasked: found !== undefined && couldNotBeAsked(found),
        id: status?.memberId,
        version: status?.version,
        dbSize: status?.dbSize,
        dbSizeInUse: status?.dbSizeInUse,
        quota: found?.unit.process && limitOf(quotaOf(found)),
        isLeader: status && seen.leads,
        isLearner: status?.isLearner,
        raftTerm: status?.raftTerm,
        raftIndex: status?.raftIndex,
        raftAppliedIndex: status?.raftAppliedIndex,
        errors: found === undefined ? [] : alarmsTold(found.etcd),
        unit: found && `${found.unit.active}${found.unit.enabled ? '' : ', not enabled'}`,
        certificateDays: days.length === 0 ? undefined : Math.min(...days),
        unreachable: seen.unreachable !== undefined,
        trouble:
          seen.unreachable === undefined
            ? found && troubleOf(found)
            : `unreachable: ${seen.unreachable.message}`,
      };
    },
  );
}

function limitOf(quota: number): number | null {
  return Number.isFinite(quota) ? quota : null;
}

function troubleOf(facts: MemberFacts): string | undefined {
  if (isDataMissing(facts))
    return 'etcd does not run, and its data is missing: is its disk mounted?';
  const { unasked, complaint } = facts.etcd;
  if (!couldNotBeAsked(facts)) return complaint;
  return `etcd runs, and could not be asked: the etcdctl beside it does not run there (${unasked})`;
}
