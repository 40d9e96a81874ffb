import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { trustBundle } from '../../pki/ca/trust.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { isUnproven } from '../certificates/ca-phase.ts';
import { BUNDLE, peersTrust } from '../certificates/peer-ca-phase.ts';
import { sha256 } from '../certificates/trust.ts';
import { peerScheme } from './protocol.ts';

/** A change of the CA of the peers that is not over, as everybody is told of it. */
export interface PeerChange {
  /**
   * `trust`: the new CA is being made known; `both`: it signs, and both are trusted; `ends`: members learn that the old one
   * is not trusted any more; `proof`: all have, and that they refuse it is still to be seen.
   */
  readonly stage: 'trust' | 'both' | 'ends' | 'proof';
  /** Whether peers get a CA of their own by it; else the one they have is exchanged. */
  readonly split: boolean;
}

/** What of the facts says how far it has come. */
export type Seen = Pick<ClusterFacts, 'members' | 'store' | 'rotation' | 'peerRotation'>;
/** What of the cluster does. */
export type Peers = Pick<DesiredCluster, 'members' | 'paths'>;

/** The change under way, or undefined; seen in the store and in what members' processes have started with. */
export function peerChange(desired: Peers, facts: Seen): PeerChange | undefined {
  const { store, peerRotation } = facts;
  const { next, previous, retired } = peerRotation;
  const stage = stageOf(desired, facts);
  if (stage === undefined) return undefined;
  const former = previous ?? (next === undefined ? retired.at(-1) : store.peerCa);
  const split = store.peerCa === undefined || former?.pem === store.ca?.pem;
  return { stage, split };
}

function stageOf(desired: Peers, facts: Seen): PeerChange['stage'] | undefined {
  const { next, previous, retired } = facts.peerRotation;
  if (next !== undefined) return 'trust';
  if (previous !== undefined) return 'both';
  if (facts.store.peerCa === undefined || retired.length === 0) return undefined;
  if (desired.members.some(({ name }) => isBehind(desired, facts, name))) return 'ends';
  return isUnproven(facts.peerRotation) ? 'proof' : undefined;
}

/**
 * Whether a member's process still trusts a CA that the store has given up, whatever lies on its disk by now. One that does
 * not run, or runs over http, shows nothing; one that trusts what the store never had is not a sign of a change either.
 */
function isBehind(desired: Peers, facts: Seen, name: string): boolean {
  const found = foundOf(facts, name);
  if (peerScheme(found) !== 'https' || peersTrust(desired, facts, name)) return false;
  const { peerCa } = facts.store;
  const { retired } = facts.peerRotation;
  const bundles = [[peerCa], ...retired.map((one) => [peerCa, one])].map(trustBundle);
  return bundles.some((one) => sha256(one) === found?.pki.files.get(BUNDLE)?.sha256);
}

/** The command that finishes it. */
export function finishesPeerChange({ split }: PeerChange): ReturnType<typeof provision> {
  return provision('certs', 'rotate-ca', INVENTORY, split ? '--split' : '--peer');
}

const STAGES: Readonly<Record<PeerChange['stage'], string>> = {
  trust: 'the new CA does not sign yet',
  both: 'both CAs are trusted and the new one signs',
  ends: 'the store has given the old CA up, and members learn that by a restart',
  proof: 'members trust the new CA alone, and nobody has seen yet that they refuse the old one',
};

/** Where it stands, and what finishes it. */
export function peerChangeProblem(change: PeerChange): Problem {
  return {
    kind: 'peer-change-unfinished',
    about: [],
    sentence: `change of the CA of the peers: unfinished, ${STAGES[change.stage]}`,
    next: [remedy`finish it: ${finishesPeerChange(change)}`],
  };
}
