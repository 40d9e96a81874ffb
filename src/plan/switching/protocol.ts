import type { Protocol } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { foundMembers, foundOf } from '../../observed/found.ts';
import { listedMember } from '../../observed/membership.ts';
import { INVENTORY, type Offered, provision, remedy } from '../../problem/remedy.ts';
import { readConf } from '../environment-file.ts';

/** A place that says which protocol a cluster speaks. */
export interface Witness {
  readonly member: string;
  readonly protocol: Protocol;
  readonly source: 'the membership' | 'the listeners' | 'the data';
}

/**
 * Everything observed that says http or https: the membership, which members dial by, what running processes listen on,
 * and, where nothing runs, the configuration the data was last used with. They disagree while a switch is under way, or
 * after somebody changed the configuration alone.
 */
export function protocolWitnesses({ members }: Pick<ClusterFacts, 'members'>): readonly Witness[] {
  return foundMembers({ members }).flatMap(([member, found]) => [
    ...inMembership(member, members),
    ...inProcess(member, found),
    ...inConf(member, found),
  ]);
}

/** Who says so, in words: `the membership of etcd01, the listeners of etcd01, etcd02`. */
export function describeWitnesses(witnesses: readonly Witness[]): string {
  const sources = [...new Set(witnesses.map(({ source }) => source))];
  return sources
    .map((source) => {
      const members = witnesses.filter((one) => one.source === source).map(({ member }) => member);
      return `${source} of ${[...new Set(members)].join(', ')}`;
    })
    .join('; ');
}

/** The command that switches to a protocol, with what it must be told to do so. */
export function migrateTo(to: Protocol, ...words: readonly string[]): ReturnType<typeof provision> {
  const accepted = to === 'http' ? ['--accept-plaintext'] : [];
  return provision('migrate', INVENTORY, '--to', to, ...words, ...accepted);
}

/** The ways to another protocol that keep the data, with what each costs; one that gives it up is nobody's advice. */
export function switchWays(to: Protocol, from: Protocol): readonly [Offered] {
  const way = (via: string) => migrateTo(to, '--via', via);
  return [
    remedy`put protocol: ${from} into the inventory, or choose one of two ways to ${to}:
    ${way('live')}      no outage, data and ids stay; needs three healthy members
    ${way('snapshot')}  seconds without writes, data stays, ids change`,
  ];
}

function inMembership(member: string, members: ClusterFacts['members']): readonly Witness[] {
  return (listedMember(member, members)?.peerUrls ?? []).map((url) => ({
    member,
    protocol: scheme(url),
    source: 'the membership',
  }));
}

function inProcess(member: string, { unit }: MemberFacts): readonly Witness[] {
  return ['ETCD_LISTEN_PEER_URLS', 'ETCD_LISTEN_CLIENT_URLS'].flatMap((variable) => {
    const urls = unit.process?.environment.get(variable)?.split(',') ?? [];
    return urls.map((url) => ({
      member,
      protocol: scheme(url),
      source: 'the listeners',
    }));
  });
}

function inConf(member: string, { unit, data, conf }: MemberFacts): readonly Witness[] {
  if (unit.pid > 0 || data?.used !== true) return [];
  const url = readConf(conf?.content)?.values.get('ETCD_INITIAL_ADVERTISE_PEER_URLS');
  return url === undefined
    ? []
    : [
        {
          member,
          protocol: scheme(url),
          source: 'the data',
        },
      ];
}

/** How a run that switches by a snapshot names itself beside its command, for the run that has to finish it. */
export function bySnapshot(to: Protocol): string {
  return `--to ${to} --via snapshot`;
}

/** Whether a member listens to something else than the others dial, as after a kill or a change by hand. */
export function isHalfMoved(name: string, members: ClusterFacts['members']): boolean {
  const spoken = peerScheme(foundOf({ members }, name));
  return spoken === undefined || spoken !== dialledScheme(name, members);
}

/** The scheme by which others dial a member: the membership's, else what it listens to. */
export function dialledScheme(
  name: string,
  members: ClusterFacts['members'],
): Protocol | undefined {
  const url = listedMember(name, members)?.peerUrls[0];
  return url === undefined ? peerScheme(foundOf({ members }, name)) : scheme(url);
}

/** The scheme a member's peer listener speaks now; undefined where nothing runs. */
export function peerScheme(found: MemberFacts | undefined): Protocol | undefined {
  const urls = found?.unit.process?.environment.get('ETCD_LISTEN_PEER_URLS');
  return urls === undefined ? undefined : scheme(urls);
}

function scheme(url: string): Protocol {
  return url.startsWith('https:') ? 'https' : 'http';
}
