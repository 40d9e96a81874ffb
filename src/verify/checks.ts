import type { DesiredCluster } from '../desired/cluster.ts';
import { alarmsTold } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { foundOf } from '../observed/found.ts';

/** A question about the whole cluster, answered from fresh facts: why it fails, or nothing. */
export interface Check {
  readonly name: string;
  readonly failures: (
    desired: DesiredCluster,
    facts: ClusterFacts,
    judged: DesiredCluster['members'],
  ) => readonly string[];
}

const MIB = 1_048_576;
/** With less than that free, etcd dies at one of its next writes, bytes. */
const LEAST_ROOM = 8 * MIB;

/** What must hold for a cluster to be called up. */
export const CHECKS: readonly Check[] = [
  {
    name: 'every member answers a linearizable read through its own endpoint',
    failures: (_desired, { members }, judged) =>
      judged.flatMap(({ name }) => {
        const etcd = foundOf({ members }, name)?.etcd;
        return etcd?.healthy === true ? [] : [`${name}: ${etcd?.complaint ?? 'was not asked'}`];
      }),
  },
  {
    name: 'the member list equals the inventory, seen from every endpoint',
    failures: (desired, { members }, judged) => {
      const wanted = desired.members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).sort();
      return judged.flatMap(({ name }) => {
        const etcd = foundOf({ members }, name)?.etcd;
        if (etcd?.asksForUser === true && etcd.members === undefined) return [];
        const list = etcd?.members?.members ?? [];
        const listed = list.map((member) => `${member.name}=${member.peerUrls.join('+')}`).sort();
        return listed.join() === wanted.join()
          ? []
          : [`${name} lists ${listed.join(', ') || 'nothing'}`];
      });
    },
  },
  {
    name: 'all members are in one cluster and follow one leader',
    failures: (_desired, { members }, judged) => {
      const said = judged.map(({ name }) => {
        const { etcd, data } = foundOf({ members }, name) ?? {};
        const { status } = etcd ?? {};
        // Late patches tell users only whom they follow; a linearizable read needs a leader, and the log names the cluster.
        if (etcd?.asksForUser === true && status === undefined)
          return `cluster ${data?.wal?.clusterId ?? 'unknown'}`;
        return `cluster ${status?.clusterId ?? 'unknown'} leader ${status?.leader ?? 'unknown'}`;
      });
      return new Set(said).size === 1 &&
        !said[0]?.includes('unknown') &&
        !said[0]?.includes('leader 0000000000000000')
        ? []
        : said;
    },
  },
  {
    name: 'no member raises an alarm',
    failures: (_desired, { members }, judged) =>
      judged.flatMap(({ name }) => {
        const etcd = foundOf({ members }, name)?.etcd;
        return (etcd === undefined ? [] : alarmsTold(etcd)).map((error) => `${name}: ${error}`);
      }),
  },
  {
    name: 'every member has room to write',
    failures: (_desired, { members }, judged) =>
      judged.flatMap(({ name }) => {
        const full = fullDisk(foundOf({ members }, name)?.room);
        return full === undefined ? [] : [`${name}: ${full}`];
      }),
  },
  {
    name: 'every unit is active and comes back after a reboot',
    failures: (desired, { members }, judged) =>
      judged.flatMap(({ name }) => {
        const unit = foundOf({ members }, name)?.unit;
        return unit?.active === 'active' && unit.enabled
          ? []
          : [
              `${name}: ${desired.unit}.service is ${unit?.active ?? 'unknown'}${unit?.enabled === false ? ' and not enabled' : ''}`,
            ];
      }),
  },
];

/** Says that so many free bytes are none for etcd, or nothing. */
export function fullDisk(room = Number.POSITIVE_INFINITY): string | undefined {
  if (room >= LEAST_ROOM) return undefined;
  return `the disk of the data directory is full: ${Math.floor(room / MIB)} MiB are free`;
}

/** Everything that does not hold of all members, or of those that are `judged`: a sentence each. */
export function failedChecks(
  desired: DesiredCluster,
  facts: ClusterFacts,
  judged = desired.members,
): readonly string[] {
  return CHECKS.flatMap(({ name, failures }) => {
    const found = failures(desired, facts, judged);
    return found.length === 0 ? [] : [`not true: ${name} (${found.join('; ')})`];
  });
}
