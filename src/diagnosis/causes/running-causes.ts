import type { EtcdMember } from '../../etcd/answers.ts';
import { describeAnswering, quorumOf } from '../../etcd/quorum.ts';
import { listTold } from '../../observed/membership.ts';
import { cures } from '../cures.ts';
import { evidenceOf, lastWords, recentLines } from '../looks/evidence.ts';
import {
  answers,
  type ExaminedCluster,
  type ExaminedMember,
  examinedMembers,
  runs,
} from '../looks/examined.ts';
import type { Line } from '../looks/line.ts';
import type { Cause } from './cause.ts';
import { expiredCause, fileCause, trustCause } from './certificate-causes.ts';
import { classifyWait, wrongClock } from './classify.ts';
import { etcdctlCause } from './etcdctl-cause.ts';
import { clientPortCause, networkCause } from './network-causes.ts';

/** Why a member whose process runs has no part in the cluster: what facts prove first, then what it says of late. */
export function runningCause(one: ExaminedMember, cluster: ExaminedCluster): Cause {
  const lines = recentEverywhere(one, cluster);
  const clocks = examinedMembers(cluster).map(({ member, clockAhead }) => ({
    name: member.name,
    clockAhead,
  }));
  const expired = expiredCause(one, cluster, lines);
  const skew = wrongClock(clocks);
  return (
    fileCause(one, cluster) ??
    foreignCause(one, cluster) ??
    protocolCause(one, cluster, lines) ??
    (expired && skew && { ...expired, ...skew }) ??
    expired ??
    trustCause(one, cluster, lines) ??
    networkCause(one, cluster, lines) ??
    clientPortCause(one, lines) ??
    learnerCause(one) ??
    waitCause(one, cluster) ??
    quorumCause(one, cluster) ??
    etcdctlCause(one, cluster) ??
    unknownCause(one)
  );
}

/** What all hosts said of late, this one last, so that its own words are shown first of all. */
export function recentEverywhere(one: ExaminedMember, cluster: ExaminedCluster): readonly Line[] {
  const peers = cluster.desired.members;
  const others = examinedMembers(cluster).filter(({ member }) => member.name !== one.member.name);
  return [...others.flatMap((other) => recentLines(other, peers)), ...recentLines(one, peers)];
}

/** What its own log says, after all that facts could say; a port that nobody answers at is the other's matter. */
function waitCause(one: ExaminedMember, cluster: ExaminedCluster): Cause | undefined {
  const clocks = examinedMembers(cluster).map(({ member, clockAhead }) => ({
    name: member.name,
    clockAhead,
  }));
  const lines = recentLines(one, cluster.desired.members);
  const found = classifyWait(lines, clocks, one.member.name);
  const isProvable = cluster.seen.every(({ found: other }) => 'facts' in other);
  const passedOver = [...ABOUT_OTHERS, ...(isProvable ? PROVABLE : [])];
  return passedOver.includes(found?.kind ?? '') ? undefined : found;
}

/** What a member says of others: their hosts tell it better. */
const ABOUT_OTHERS = ['unreachable', 'protocol', 'rejected'];
/** What the files on all hosts prove or refute: a line that says otherwise is older than the files. */
const PROVABLE = ['wrong-ca', 'san', 'expired', 'pair', 'no-pem'];

function foreignCause({ facts }: ExaminedMember, cluster: ExaminedCluster): Cause | undefined {
  const own = facts.data?.wal?.clusterId;
  const living = examinedMembers(cluster).find((one) => answers(one))?.facts.etcd.status?.clusterId;
  if (own === undefined || living === undefined || own === living) return undefined;
  return {
    kind: 'foreign-data',
    sentence: `its data belongs to another cluster ${own}; the members that answer are cluster ${living}`,
    evidence: [],
    next: [cures.byHand('find out which data is the right one before anything is moved')],
  };
}

/** Who dials it by one protocol while it listens by the other, by the membership and its process. */
function protocolCause(
  one: ExaminedMember,
  cluster: ExaminedCluster,
  lines: readonly Line[],
): Cause | undefined {
  const listens = one.settings.get('ETCD_LISTEN_PEER_URLS')?.split(',') ?? [];
  const listed = membership(cluster).find(({ peerUrls }) =>
    peerUrls.some((url) => isSamePlace(url, one.member.peerUrl)),
  );
  const dialled = listed?.peerUrls ?? [one.member.peerUrl];
  const scheme = (url: string) => url.slice(0, url.indexOf(':'));
  if (
    listens.length === 0 ||
    dialled.some((url) => listens.some((own) => scheme(own) === scheme(url)))
  )
    return undefined;
  return {
    kind: 'protocol',
    sentence: `it listens for peers by ${scheme(listens[0] ?? '')}, but the members dial it by ${scheme(dialled[0] ?? '')}`,
    evidence: evidenceOf(
      lines,
      /does not look like a TLS handshake|HTTP response to HTTPS client|malformed HTTP|HTTP request to an HTTPS/,
    ),
    next: [cures.whoSaysWhat()],
  };
}

function learnerCause({ member, facts: { etcd } }: ExaminedMember): Cause | undefined {
  if (etcd.status?.isLearner !== true) return undefined;
  return {
    kind: 'learner',
    sentence: 'it is a learner: it answers no linearizable read until it is promoted',
    evidence: [],
    next: [cures.up(member.name, 'gives it its vote once it has caught up')],
  };
}

/** Too few members run for a quorum of the list that etcd holds. */
function quorumCause(one: ExaminedMember, cluster: ExaminedCluster): Cause | undefined {
  // Who answers has a quorum.
  if (examinedMembers(cluster).some(answers)) return undefined;
  const list = membership(cluster);
  const { members } = cluster.desired;
  const up = examinedMembers(cluster)
    .filter((other) => runs(other) && !other.start.isFrozen && isReachable(other, one))
    .map(({ member }) => member.peerUrl);
  const places =
    list.length > 0
      ? list
      : members.map((member) => ({
          id: member.name,
          isLearner: false,
          peerUrls: [member.peerUrl],
        }));
  const answering = places.filter(({ peerUrls }) =>
    peerUrls.some((url) => up.some((own) => isSamePlace(url, own))),
  );
  const quorum = quorumOf(places, new Set(answering.map(({ id }) => id)));
  if (quorum.spare >= 0) return undefined;
  return {
    kind: 'no-quorum',
    sentence: `waits for a quorum: ${describeAnswering(quorum)}`,
    evidence: [],
    next: [cures.byHand('bring the members above back; it answers then by itself')],
  };
}

function isReachable(other: ExaminedMember, one: ExaminedMember): boolean {
  const reach = one.reaches.get(other.member.name);
  return other === one || reach === undefined || reach === 'reached' || reach === 'unknown';
}

function unknownCause(one: ExaminedMember): Cause {
  const { complaint = 'no answer' } = one.facts.etcd;
  return {
    kind: 'unknown',
    sentence: `etcd runs, but does not answer a linearizable read (${complaint}); the cause is not known`,
    evidence: lastWords(one),
    next: [cures.readLines()],
  };
}

/** The members as etcd holds them, from a member that answers, else from one that tells it without a quorum. */
function membership(cluster: ExaminedCluster): readonly EtcdMember[] {
  return listTold(examinedMembers(cluster).map(({ facts }) => facts))?.members ?? [];
}

function isSamePlace(url: string, other: string): boolean {
  return url.slice(url.indexOf(':')) === other.slice(other.indexOf(':'));
}
