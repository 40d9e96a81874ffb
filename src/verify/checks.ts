import type { DesiredCluster } from '../desired/cluster.ts';
import { alarmsTold } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { type ObservedMember, observed } from '../observed/observed.ts';
import type { Problem } from '../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';

/** What a check found: about whom, and what is seen. */
type Seen = Pick<Problem, 'sentence'> & { readonly about: string };

/** A question about the whole cluster, answered from fresh facts: why it fails, or nothing. */
export interface Check {
  readonly name: string;
  readonly failures: (
    desired: DesiredCluster,
    judged: readonly ObservedMember[],
  ) => readonly Seen[];
}

const MIB = 1_048_576;
/** With less than that free, etcd dies at one of its next writes, bytes. */
const LEAST_SPACE = 8 * MIB;

/** What must hold for a cluster to be called up. */
const CHECKS: readonly Check[] = [
  {
    name: 'every member answers a linearizable read through its own endpoint',
    failures: (_desired, judged) =>
      judged
        .filter(({ answers }) => !answers)
        .map(({ name, found }) =>
          seen(name, `${name}: ${found?.etcd.complaint ?? 'was not asked'}`),
        ),
  },
  {
    name: 'the member list equals the inventory, seen from every endpoint',
    failures: (desired, judged) => {
      const wanted = desired.members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).sort();
      return judged.flatMap(({ name, found }) => {
        const etcd = found?.etcd;
        if (etcd?.asksForUser === true && etcd.members === undefined) return [];
        const list = etcd?.members?.members ?? [];
        const listed = list.map((member) => `${member.name}=${member.peerUrls.join('+')}`).sort();
        return listed.join() === wanted.join()
          ? []
          : [seen(name, `${name} lists ${listed.join(', ') || 'nothing'}`)];
      });
    },
  },
  {
    name: 'all members are in one cluster and follow one leader',
    failures: (_desired, judged) => {
      const said = judged.map(({ name, found }): Following => {
        const { etcd, data } = found ?? {};
        const { status } = etcd ?? {};
        // Late patches tell users only whom they follow; a linearizable read needs a leader, and the log names the cluster.
        if (etcd?.asksForUser === true && status === undefined)
          return { name, cluster: data?.wal?.clusterId, leader: UNTOLD };
        return { name, cluster: status?.clusterId, leader: status?.leader };
      });
      const places = new Set(said.map(({ cluster, leader }) => `${cluster} ${String(leader)}`));
      const isKnown = said.every(
        ({ cluster, leader = NO_LEADER }) => cluster !== undefined && leader !== NO_LEADER,
      );
      return places.size === 1 && isKnown ? [] : said.map(describeFollowing);
    },
  },
  {
    name: 'no member raises an alarm',
    failures: (_desired, judged) =>
      judged.flatMap(({ name, found }) =>
        found === undefined
          ? []
          : alarmsTold(found.etcd).map((error) => seen(name, `${name}: ${error}`)),
      ),
  },
  {
    name: 'every member has space to write',
    failures: (_desired, judged) =>
      judged.flatMap(({ name, found }) => {
        const full = fullDisks(found);
        return full === undefined ? [] : [seen(name, `${name}: ${full}`)];
      }),
  },
  {
    name: 'every unit is active and comes back after a reboot',
    failures: (desired, judged) =>
      judged.flatMap(({ name, found }) => {
        const unit = found?.unit;
        if (unit?.active === 'active' && unit.enabled) return [];
        const enabled = unit?.enabled === false ? ' and not enabled' : '';
        return [
          seen(name, `${name}: ${desired.unit}.service is ${unit?.active ?? 'unknown'}${enabled}`),
        ];
      }),
  },
];

/** Says that on a disk of a member there is no space for etcd, or nothing. */
export function fullDisks(
  found: Pick<MemberFacts, 'freeSpace' | 'logSpace'> | undefined,
): string | undefined {
  return fullDisk(found?.freeSpace) ?? fullDisk(found?.logSpace, 'write-ahead log');
}

/** Says that so many free bytes are none for etcd, or nothing. */
export function fullDisk(
  free = Number.POSITIVE_INFINITY,
  what = 'data directory',
): string | undefined {
  if (free >= LEAST_SPACE) return undefined;
  return `the disk of the ${what} is full: ${Math.floor(free / MIB)} MiB are free`;
}

/** Everything that does not hold of all members, or of those that are `judged`. */
export function failedChecks(
  desired: DesiredCluster,
  facts: ClusterFacts,
  judged = desired.members,
): readonly Problem[] {
  const names = new Set(judged.map(({ name }) => name));
  const members = observed(desired, facts).members.filter(({ name }) => names.has(name));
  return CHECKS.flatMap(({ name, failures }) => {
    const found = failures(desired, members);
    if (found.length === 0) return [];
    return [
      {
        kind: 'check-failed',
        about: [...new Set(found.map(({ about }) => about))],
        sentence: `not true: ${name} (${found.map(({ sentence }) => sentence).join('; ')})`,
        next: [remedy`${provision('doctor', INVENTORY)}`],
      },
    ];
  });
}

/** Whom a member follows; a leader is not told to everybody. */
interface Following {
  readonly name: string;
  readonly cluster: string | undefined;
  readonly leader: string | typeof UNTOLD | undefined;
}

const UNTOLD = Symbol('told to users alone');

/** etcd's own word for none. */
const NO_LEADER = '0000000000000000';

function describeFollowing({ name, cluster = 'unknown', leader = 'unknown' }: Following): Seen {
  return seen(name, `cluster ${cluster}${leader === UNTOLD ? '' : ` leader ${leader}`}`);
}

function seen(about: string, sentence: string): Seen {
  return { about, sentence };
}
