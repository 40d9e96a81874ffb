import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers, foundOf } from '../../observed/found.ts';
import { trustBundle } from '../../pki/ca/trust.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { isUnproven } from '../certificates/ca-phase.ts';
import { withoutConsent } from '../certificates/narrowed.ts';
import { isPending } from '../certificates/pending-leaf.ts';
import { rotationProblem, rotationState } from '../certificates/rotation-state.ts';
import { sha256 } from '../certificates/trust.ts';
import { peerChange, peerChangeProblem } from '../switching/peer-change.ts';

type Facts = Pick<ClusterFacts, 'members' | 'store' | 'rotation' | 'peerRotation' | 'now'>;

/**
 * Every change of trust that was begun and is not over, with the command that goes on: the list of all who tell of them. A
 * restore or switch by a snapshot has its record on the hosts (`unfinishedRestores`); a live switch is seen in what members
 * serve (`protocolMismatch`).
 */
export function unfinishedOperations(
  desired: Pick<DesiredCluster, 'ca' | 'members' | 'paths' | 'certificates'>,
  facts: Facts,
): readonly Problem[] {
  // Over http nobody trusts a CA: what the store has begun waits until there is TLS again.
  if (desired.ca === undefined) return [];
  const rotation = rotationState(facts);
  const change = peerChange(desired, facts);
  return [
    ...(rotation === undefined
      ? lastStretch(facts)
      : [withTried(rotationProblem(rotation, facts.now), desired, facts)]),
    ...(change === undefined ? [] : [peerChangeProblem(change)]),
  ];
}

/** Members that show a leaf of the next CA: it was being tried there when the run was killed. */
export function triedMembers(
  { certificates, members }: Pick<DesiredCluster, 'members' | 'certificates'>,
  facts: Pick<ClusterFacts, 'members' | 'store' | 'rotation'>,
): readonly string[] {
  if (facts.rotation.next === undefined) return [];
  const servers = certificates.filter(({ row }) => row === 'server');
  return members
    .filter(({ name }) =>
      servers.some(
        (one) => one.member === name && isPending(one, foundOf(facts, name), facts.store),
      ),
    )
    .map(({ name }) => name);
}

function withTried(
  told: Problem,
  desired: Pick<DesiredCluster, 'members' | 'certificates'>,
  facts: Facts,
): Problem {
  const tried = triedMembers(desired, facts);
  if (tried.length === 0) return told;
  const names = tried.join(', ');
  return {
    ...told,
    sentence: `${told.sentence}; ${names} ${tried.length === 1 ? 'shows' : 'show'} another certificate than the store has: clients that do not trust the new CA may be refused there until it goes on, or back`,
  };
}

/** A rotation of which the store has given up the old CA: members learn it by a restart, and it is proved at the end. */
function lastStretch(facts: Facts): readonly Problem[] {
  const { store, rotation } = facts;
  // `up` refuses these, and says why.
  if (withoutConsent(facts).length > 0) return [];
  const wide = new Set(rotation.retired.map((one) => sha256(trustBundle([store.ca, one]))));
  const behind = foundMembers(facts)
    .filter(([, { pki }]) => wide.has(pki.files.get('ca.crt')?.sha256 ?? ''))
    .map(([name]) => name);
  if (behind.length === 0 && !isUnproven(rotation)) return [];
  const where =
    behind.length > 0
      ? `the store has given the old CA up, and ${behind.join(', ')} still ${behind.length === 1 ? 'trusts' : 'trust'} it`
      : 'members trust the new CA alone, and nobody has seen yet that they refuse the old one';
  return [
    {
      kind: 'rotation-unfinished',
      about: behind,
      sentence: `CA rotation: unfinished, ${where}`,
      next: [remedy`finish it: ${provision('certs', 'rotate-ca', INVENTORY, '--finish')}`],
    },
  ];
}
