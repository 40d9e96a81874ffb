import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { foundMembers } from '../../observed/found.ts';
import { seenMembers } from '../../observed/observed.ts';
import { trustBundle } from '../../pki/ca/trust.ts';
import type { StoredCa } from '../../pki/store/store-facts.ts';
import type { Proposal } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import { caCanSign, nextCaFits } from '../certificates/ca-refusals.ts';
import { planCertificates } from '../certificates/certificates.ts';
import { clockRefusals } from '../certificates/clocks.ts';
import { peerCaIsKept } from '../certificates/peer-ca-refusals.ts';
import { sha256 as hash, type TrustFile, trustFiles } from '../certificates/trust.ts';
import type { Refusal } from '../plan.ts';
import { protocolMismatch } from '../switching/protocol-mismatch.ts';
import { adoptedClients } from './adopted-clients.ts';
import { corruption } from './corruption.ts';
import { selfMadePeers } from './self-made-peers.ts';
import { safely } from './situation.ts';

type MemberRule = (
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: MemberFacts,
) => readonly Proposal[];

type ClusterRule = (cluster: DesiredCluster, facts: ClusterFacts) => readonly Proposal[];

/** Why `up` must not touch this cluster as it is, from named rules that all run. */
export function refusals(cluster: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  return allOf(clusterRules, memberRules, cluster, facts);
}

/** Why these hosts and this store cannot take the members at all, whatever data they are to have. */
export function hostRefusals(cluster: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const onCluster = [trustsOurCa, nextCaFits, caCanSign, clocksAgree, binariesFit];
  const onMember = [portsAreFree, systemdIsRecent];
  return allOf(onCluster, onMember, cluster, facts);
}

function allOf(
  onCluster: readonly ClusterRule[],
  onMember: readonly MemberRule[],
  cluster: DesiredCluster,
  facts: ClusterFacts,
): readonly Refusal[] {
  const proposals = [
    ...onCluster.flatMap((rule) => rule(cluster, facts)),
    ...seenMembers(cluster, facts).flatMap(({ desired, found }) =>
      onMember.flatMap((rule) => rule(cluster, desired, found)),
    ),
  ];
  return safely(cluster, facts, proposals);
}

const protocolIsKept: ClusterRule = (cluster, facts) => {
  const mismatch = protocolMismatch(cluster, facts);
  return mismatch === undefined || mismatch.isFixedByUp ? [] : [mismatch];
};

// Members that trust another CA than the store's would lock each other out at the next handshake.
const trustsOurCa: ClusterRule = (cluster, facts) => {
  const { store, rotation, peerRotation } = facts;
  if (cluster.ca === undefined) return [];
  const cas = [store.ca, rotation.next, rotation.previous, ...rotation.retired];
  const peers = [store.peerCa, peerRotation.next, peerRotation.previous, ...peerRotation.retired];
  const isKnown = knownBundles([...cas, ...(cluster.peerCa === undefined ? [] : peers)]);
  // A store from before peers were given a CA of their own would have the first member cut off from the others.
  const files = [
    ...trustFiles(cluster, facts),
    ...(cluster.peerCa === undefined ? [PEER_FILE] : []),
  ];
  return files.flatMap((file) => strangeTrust(file, facts, isKnown));
};

const PEER_FILE = {
  bundle: 'peer-ca.crt',
  called: 'the CA of the peers',
  sha256: undefined,
} as const;

const EMPTY = hash('');

function strangeTrust(
  { bundle, called, sha256: wanted }: Pick<TrustFile, 'bundle' | 'called' | 'sha256'>,
  { members, store }: ClusterFacts,
  known: ReadonlySet<string>,
): readonly Proposal[] {
  const installed = foundMembers({ members }).flatMap(([name, { pki, data }]) => {
    const sha256 = pki.files.get(bundle)?.sha256;
    // An empty file trusts nobody: it is written again like one that is missing.
    return sha256 === undefined || sha256 === EMPTY || data?.used !== true
      ? []
      : [{ name, sha256 }];
  });
  const strangers = installed.filter(({ sha256 }) => !known.has(sha256));
  if (strangers.length === 0) return [];
  // Where most trust the store's, it is the store they were made with.
  const isDamage = wanted !== undefined && strangers.length < installed.length / 2;
  return [
    {
      kind: 'trusts-another-ca',
      about: strangers.map(({ name }) => name),
      sentence: `${strangers.map(({ name }) => name).join(', ')}: trusts another ${called.replace('the ', '')} than the PKI store ${store.directory} ${wanted === undefined ? '(which has none)' : 'has'}; new certificates would not be accepted there`,
      next: isDamage
        ? [
            remedy`the other members trust what the store has: look at ${bundle} on ${strangers.map(({ name }) => name).join(', ')}; if it is damaged, move it away, and up writes it again`,
          ]
        : [
            remedy`bring back the store this cluster was made with, or set pki.store to where it is`,
          ],
    },
  ];
}

/** The members that trust another CA than the store's. */
export function caIsTheSame(cluster: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  return safely(cluster, facts, trustsOurCa(cluster, facts));
}

const clocksAgree: ClusterRule = (cluster, facts) =>
  planCertificates(cluster, facts).reissued.size > 0 ? clockRefusals(cluster, facts) : [];

// While a CA is rotated a member may trust any of the CAs the store knows.
function knownBundles(cas: readonly (StoredCa | undefined)[]): ReadonlySet<string> {
  const present = cas.filter((ca) => ca !== undefined);
  const pairs = present.flatMap((one) => present.map((other) => trustBundle([one, other])));
  return new Set([...present.map((ca) => trustBundle([ca])), ...pairs].map(hash));
}

const portsAreFree: MemberRule = (cluster, member, { listeners, unit, tenants }) => {
  if (unit.pid > 0) return [];
  // One process may listen on a port at several addresses.
  const taken = listeners.filter(
    ({ port, pid }, index) =>
      member.ports.includes(port) &&
      listeners.findIndex((one) => one.port === port && one.pid === pid) === index,
  );
  return taken.map(({ port, process, pid }) => {
    const runsIn = tenants.processes.find((one) => one.pid === pid)?.unit;
    const itself =
      runsIn === undefined
        ? `if it is ${member.name} itself in another unit, put that unit back as etcd.unit`
        : `if it is ${member.name} itself, put etcd.unit: ${runsIn.replace(/\.service$/, '')} back, where the inventory says ${cluster.unit}`;
    return {
      kind: 'port-taken',
      about: [member.name],
      sentence: `${member.name}: port ${port} is taken by ${process} (pid ${pid}${runsIn === undefined ? '' : ` of ${runsIn}`}), and ${cluster.unit}.service does not run`,
      next: process.startsWith('etcd')
        ? [
            remedy`it may be a member of a cluster, so do not stop it: choose other etcd.ports, or, ${itself}`,
          ]
        : [remedy`stop ${process} on ${member.name}, or choose other etcd.ports`],
    };
  });
};

const MACHINES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

const binariesFit: ClusterRule = (_cluster, { members, binaries }) =>
  foundMembers({ members }).flatMap(([name, { machine }]) => {
    const wanted = MACHINES[machine.architecture] ?? machine.architecture;
    const wrong = binaries.find((binary) => binary.architecture !== wanted);
    return wrong === undefined
      ? []
      : [
          {
            kind: 'wrong-architecture',
            about: [name],
            sentence: `${name}: is ${wanted}, but ${wrong.path} is made for ${wrong.architecture}`,
            next: [remedy`give etcd.source binaries for ${wanted}`],
          },
        ];
  });

// Type=notify with a bare ExecStart, RequiresMountsFor and `systemctl show --value` need it (systemd NEWS, 230 and 235).
const systemdIsRecent: MemberRule = (_cluster, member, { machine }) =>
  machine.systemd >= 235
    ? []
    : [
        {
          kind: 'old-systemd',
          about: [member.name],
          sentence: `${member.name}: has systemd ${machine.systemd} (${machine.os}); 235 is needed`,
          next: [remedy`upgrade the operating system`],
        },
      ];

const clusterRules: readonly ClusterRule[] = [
  protocolIsKept,
  selfMadePeers,
  corruption,
  peerCaIsKept,
  nextCaFits,
  trustsOurCa,
  caCanSign,
  binariesFit,
];

// A directory that others write to is not taken over by a change of its owner.
const logDirectoriesAreOurs: MemberRule = ({ account, paths }, { name }, { logDirectories }) =>
  paths.logs.flatMap((path) => {
    const owner = logDirectories.get(path);
    if (owner === undefined || owner.startsWith(`${account}:`)) return [];
    return [
      {
        kind: 'log-directory',
        about: [name],
        sentence: `${name}: ${path} belongs to ${owner}, so etcd, which runs as ${account}, could not log there`,
        next: [
          remedy`name a directory for etcd alone in etcd.settings.log-outputs; or, if ${path} holds only logs of etcd: chown ${account}: ${quote(path)} on ${name}`,
        ],
      },
    ];
  });

const memberRules: readonly MemberRule[] = [
  portsAreFree,
  systemdIsRecent,
  logDirectoriesAreOurs,
  adoptedClients,
];
