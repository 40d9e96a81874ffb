import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { keepsTheirs } from '../../facts/adopted.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { formerDirectory } from '../../facts/data/former.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { type SeenMember, seenMembers } from '../../observed/observed.ts';
import { isMadeByOthers } from '../../pki/store/made-by-others.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { runningVersion } from '../refusing/versions.ts';
import { pairRefusals } from './pair-refusals.ts';
import { takeOver } from './take-over.ts';

/**
 * Why what the inventory asks for cannot be done to members whose layout is kept: it would have to be written into their unit,
 * their configuration or their program.
 */
export function keptRefusals(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  reissued: ReadonlySet<string>,
): readonly Refusal[] {
  const kept = seenMembers(cluster, facts).filter(({ found }) => keepsTheirs(found));
  const keyless = withoutKey(cluster, facts, kept);
  if (keyless.length > 0) return keyless;
  return kept.flatMap(({ name, desired, found }) => {
    const half = halfTaken(cluster, name, found);
    if (half.length > 0) return half;
    return [
      ...[
        ...otherVersion(cluster, found),
        ...otherAccount(cluster, found),
        ...otherPlaces(desired, found),
        ...otherSettings(desired, found),
      ].map((what) => differing(name, what)),
      ...pairRefusals(cluster, name, found, reissued),
      ...notEnabled(cluster, name, found),
    ];
  });
}

/** Beside theirs etcdctl on the hosts shows a certificate of ours, which nobody can make without the key of their CA. */
function withoutKey(
  { certificates }: DesiredCluster,
  { store }: ClusterFacts,
  kept: readonly SeenMember[],
): readonly Refusal[] {
  if (kept.length === 0 || !certificates.some((one) => isMadeByOthers(one, store))) return [];
  return [
    {
      kind: 'kept-without-key',
      about: kept.map(({ name }) => name),
      sentence: `${kept.map(({ name }) => name).join(', ')}: layout: keep needs the key of their CA, for a certificate that etcdctl shows there, and the store does not have it`,
      next: [
        remedy`adopt once more with --ca-key FILE, into another directory, and go on with that inventory`,
        takeOver,
      ],
    },
  ];
}

function differing(name: string, what: string): Refusal {
  return {
    kind: 'layout-kept',
    about: [name],
    sentence: `${name}: ${what}, and with layout: keep its unit, configuration and program stay as they are`,
    next: [remedy`have ${INVENTORY} say what runs`, takeOver],
  };
}

function otherVersion({ version }: DesiredCluster, found: MemberFacts): readonly string[] {
  const runs = runningVersion(found);
  return runs === undefined || runs === version
    ? []
    : [`runs etcd ${runs}, and the inventory says ${version}`];
}

function otherAccount({ account }: DesiredCluster, { unit }: MemberFacts): readonly string[] {
  const runsAs = unit.process?.account;
  return runsAs === undefined || runsAs === account
    ? []
    : [`runs as ${runsAs}, and the inventory says ${account}`];
}

/** Where others and clients find it: the list and its listeners count, and neither would follow the inventory. */
function otherPlaces(
  { name, peerUrl, clientUrl }: DesiredMember,
  { unit, etcd }: MemberFacts,
): readonly string[] {
  const listed = etcd.members?.members.find((one) => one.name === name)?.peerUrls ?? [peerUrl];
  const listens = unit.process?.environment.get('ETCD_LISTEN_CLIENT_URLS')?.split(',');
  const { protocol, port } = new URL(clientUrl);
  const isServed = listens?.some((one) => {
    const url = URL.canParse(one) ? new URL(one) : undefined;
    return url?.protocol === protocol && url.port === port;
  });
  return [
    ...(listed.includes(peerUrl)
      ? []
      : [`is in the list at ${listed.join(', ')}, and the inventory says ${peerUrl}`]),
    ...(isServed === false
      ? [`serves clients at ${listens?.join(', ')}, and the inventory says ${clientUrl}`]
      : []),
  ];
}

function otherSettings(member: DesiredMember, { unit }: MemberFacts): readonly string[] {
  const runs = unit.process?.environment;
  if (runs === undefined) return [];
  return [...member.environment({ token: '', state: 'existing' })].flatMap(([variable, value]) => {
    const there = runs.get(variable);
    if (OF_LAYOUT.test(variable) || there?.toLowerCase() === value.toLowerCase()) return [];
    const now = there === undefined ? `no ${variable}` : `${variable}=${there}`;
    return [`runs with ${now}, and the inventory says ${value}`];
  });
}

// Names, addresses, directories and certificates: the membership, the data and rules of their own tell of them.
const OF_LAYOUT =
  /^ETCD_(NAME|DATA_DIR|WAL_DIR|LOGGER|(LISTEN|ADVERTISE|INITIAL)_.*|(PEER_)?(CERT|KEY|TRUSTED_CA|CLIENT_CRL|CRL)_FILE|(PEER_)?CLIENT_CERT_AUTH)$/;

/** A take-over that was cut off has ours on the disk already. */
function halfTaken(
  { unit }: DesiredCluster,
  name: string,
  { former }: MemberFacts,
): readonly Refusal[] {
  if (former === undefined) return [];
  return [
    {
      kind: 'half-taken-over',
      about: [name],
      sentence: `${name}: was about to be taken over (what it had before lies in ${formerDirectory(unit)}), and with layout: keep it cannot stay half ours`,
      next: [remedy`put back what it had: ${provision('adopt', '--undo', INVENTORY)}`, takeOver],
    },
  ];
}

function notEnabled(
  { unit }: DesiredCluster,
  name: string,
  found: MemberFacts,
): readonly Refusal[] {
  if (found.unit.enabled) return [];
  return [
    {
      kind: 'unit-not-enabled',
      about: [name],
      sentence: `${name}: ${unit}.service would not start at boot, and with layout: keep up does not enable it`,
      next: [remedy`on ${name}: systemctl enable ${unit}.service`],
    },
  ];
}
