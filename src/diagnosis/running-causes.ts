import type { EtcdMember } from '../etcd/answers.ts';
import { describeQuorum, quorumOf } from '../etcd/quorum.ts';
import { listTold } from '../observed/membership.ts';
import { expiredCause, fileCause, trustCause } from './certificate-causes.ts';
import { classifyWait, wrongClock } from './classify.ts';
import { cures } from './cures.ts';
import type { Cause } from './diagnosis.ts';
import { etcdctlCause } from './etcdctl-cause.ts';
import { evidenceOf, lastWords, recentLines } from './evidence.ts';
import { answers, type Exhibit, exhibits, runs, type Scene } from './exhibit.ts';
import type { Line } from './line.ts';
import { networkCause } from './network-causes.ts';

/** Why a member whose process runs has no part in the cluster: what facts prove first, then what it says of late. */
export function runningCause(one: Exhibit, scene: Scene): Cause {
  const heard = recentEverywhere(one, scene);
  const clocks = exhibits(scene).map(({ member, clockAhead }) => ({
    name: member.name,
    clockAhead,
  }));
  const expired = expiredCause(one, scene, heard);
  const skew = wrongClock(clocks);
  return (
    fileCause(one, scene) ??
    foreignCause(one, scene) ??
    protocolCause(one, scene, heard) ??
    (expired && skew && { ...expired, ...skew }) ??
    expired ??
    trustCause(one, scene, heard) ??
    networkCause(one, scene, heard) ??
    learnerCause(one) ??
    waitCause(one, scene) ??
    quorumCause(one, scene) ??
    etcdctlCause(one, scene) ??
    unknownCause(one)
  );
}

/** What all hosts said of late, this one last, so that its own words are shown first of all. */
export function recentEverywhere(one: Exhibit, scene: Scene): readonly Line[] {
  const peers = scene.desired.members;
  const others = exhibits(scene).filter(({ member }) => member.name !== one.member.name);
  return [...others.flatMap((other) => recentLines(other, peers)), ...recentLines(one, peers)];
}

/** What its own log says, after all that facts could say; a port that nobody answers at is the other's matter. */
function waitCause(one: Exhibit, scene: Scene): Cause | undefined {
  const clocks = exhibits(scene).map(({ member, clockAhead }) => ({
    name: member.name,
    clockAhead,
  }));
  const lines = recentLines(one, scene.desired.members);
  const found = classifyWait(lines, clocks, one.member.name);
  const isProvable = scene.seen.every(({ found: other }) => 'facts' in other);
  const isMoot = [...HEARSAY, ...(isProvable ? PROVABLE : [])].includes(found?.kind ?? '');
  return isMoot ? undefined : found;
}

const HEARSAY = ['unreachable', 'protocol', 'rejected'];
/** What the files on all hosts prove or refute: a line that says otherwise is older than the files. */
const PROVABLE = ['wrong-ca', 'san', 'expired', 'pair', 'no-pem'];

function foreignCause({ facts }: Exhibit, scene: Scene): Cause | undefined {
  const own = facts.data?.wal?.clusterId;
  const living = exhibits(scene).find((one) => answers(one))?.facts.etcd.status?.clusterId;
  if (own === undefined || living === undefined || own === living) return undefined;
  return {
    kind: 'foreign-data',
    cause: `its data belongs to another cluster ${own}; the members that answer are cluster ${living}`,
    evidence: [],
    next: [cures.byHand('find out which data is the right one before anything is moved')],
  };
}

/** Who dials it by one protocol while it listens by the other, by the membership and its process. */
function protocolCause(one: Exhibit, scene: Scene, heard: readonly Line[]): Cause | undefined {
  const listens = one.settings.get('ETCD_LISTEN_PEER_URLS')?.split(',') ?? [];
  const listed = membership(scene).find(({ peerUrls }) =>
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
    cause: `it listens for peers by ${scheme(listens[0] ?? '')}, but the members dial it by ${scheme(dialled[0] ?? '')}`,
    evidence: evidenceOf(
      heard,
      /does not look like a TLS handshake|HTTP response to HTTPS client|malformed HTTP|HTTP request to an HTTPS/,
    ),
    next: [cures.whoSaysWhat()],
  };
}

function learnerCause({ facts: { etcd } }: Exhibit): Cause | undefined {
  if (etcd.status?.isLearner !== true) return undefined;
  return {
    kind: 'learner',
    cause: 'it is a learner: it answers no linearizable read until it is promoted',
    evidence: [],
    next: [cures.promote(etcd.status.memberId)],
  };
}

/** Too few members run for a quorum of the list that etcd holds. */
function quorumCause(one: Exhibit, scene: Scene): Cause | undefined {
  // Who answers has a quorum.
  if (exhibits(scene).some(answers)) return undefined;
  const list = membership(scene);
  const { members } = scene.desired;
  const up = exhibits(scene)
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
    cause: `waits for a quorum: ${describeQuorum(quorum).replace(': no quorum', '')}`,
    evidence: [],
    next: [cures.byHand('bring the members above back; it answers then by itself')],
  };
}

function isReachable(other: Exhibit, one: Exhibit): boolean {
  const reach = one.reaches.get(other.member.name);
  return other === one || reach === undefined || reach === 'reached' || reach === 'unknown';
}

function unknownCause(one: Exhibit): Cause {
  const { complaint = 'no answer' } = one.facts.etcd;
  return {
    kind: 'unknown',
    cause: `etcd runs, but does not answer a linearizable read (${complaint}); the cause is not known`,
    evidence: lastWords(one),
    next: [cures.readLines()],
  };
}

/** The members as etcd holds them, from a member that answers, else from one that tells it without a quorum. */
export function membership(scene: Scene): readonly EtcdMember[] {
  return listTold(exhibits(scene).map(({ facts }) => facts))?.members ?? [];
}

function isSamePlace(url: string, other: string): boolean {
  return url.slice(url.indexOf(':')) === other.slice(other.indexOf(':'));
}
