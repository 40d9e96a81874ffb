import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { convergeWaves } from '../converge-waves.ts';
import { decide } from '../decision.ts';
import { driftRefusals } from '../drift.ts';
import type { HereStep } from '../here-step.ts';
import { replacedLogs } from '../incarnation.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import { membershipIsKept } from '../membership/membership-refusals.ts';
import { ownershipRefusals } from '../ownership/owners.ts';
import { strangeRecords } from '../ownership/strange-records.ts';
import type { Plan, Wave } from '../plan.ts';
import { noCorruption } from '../refusing/corruption.ts';
import { launchRefusals } from '../refusing/launch-refusals.ts';
import { spaceRefusals } from '../refusing/space-refusals.ts';
import { versionRefusals } from '../refusing/versions.ts';
import { namesOf } from '../waves.ts';
import { isUnproven, leavesOf, staleLeaves } from './ca-phase.ts';
import { issueWaves } from './certificates.ts';
import { issuingRefusals } from './clocks.ts';
import { hostKeyRefusals } from './host-key-refusals.ts';
import { type PeerCaPhase, peerCaPhase, peersTrust } from './peer-ca-phase.ts';
import {
  inStore,
  installLeaves,
  issueAgain,
  probeListeners,
  restartForTrust,
} from './rotate-ca-waves.ts';
import {
  isAboutPeers,
  type PeerCaOptions,
  peerCaRefusals,
  underWay,
} from './rotate-peer-ca-refusals.ts';

/** How long a revocation list that is signed again calls itself current. */
const LIST_HOURS = 365 * 24;

/** For how long after an exchange another one has to be asked for by name; milliseconds. */
const AGAIN = 24 * 60 * 60 * 1000;

/**
 * Decides what is left of a change of the CA that peers trust. No client is involved, so it goes to its end in one run:
 * both are trusted, by a restart each, then the new one signs, then the old one is dropped, by a second restart each, and
 * refused by proof. Planning again resumes a killed run, since the phase is seen in the store and on the hosts.
 */
export function planPeerCa(
  { otherPeerCa, ...desired }: DesiredCluster,
  facts: ClusterFacts,
  options: PeerCaOptions,
): Plan {
  const refused = (refusals: Plan['refusals']): Plan => refusedPlan(desired, refusals);
  const refusals = peerCaRefusals(desired, facts, options, otherPeerCa);
  if (refusals.length > 0) return refused(refusals);

  const phase = peerCaPhase(desired, facts);
  if (phase === 'none' && isUnproven(facts.peerRotation)) return planOf(desired, proof(desired));
  if (phase === 'none' && isOver(facts, options)) return planOf(desired, []);

  const wide = trustBoth(desired, facts, phase, options);
  if (wide.refusals.length > 0) return refused(wide.refusals);
  const lasting = phase === 'none' || phase === 'trust' ? [] : stillRefused(desired, facts);
  if (lasting.length > 0) return refused(lasting);
  const due = phase === 'leaves' ? staleLeaves(desired, facts, 'peer') : leavesOf(desired, 'peer');
  const keyless =
    phase === 'drop' ? [] : hostKeyRefusals(desired, facts, new Set(due.map(({ id }) => id)));
  if (keyless.length > 0) return refused(keyless);
  const waves: readonly Wave[] = [
    ...wide.waves,
    ...(phase === 'leaves' || phase === 'drop' ? [] : newLeaves(desired, facts)),
    ...(phase === 'leaves' ? finishLeaves(desired, facts) : []),
    ...trustNewOnly(desired, facts, phase),
  ];
  const untimely = issuingRefusals(desired, facts, waves);
  return untimely.length > 0 ? refused(untimely) : planOf(desired, waves);
}

/**
 * Whether what was asked for is done. A run that was killed after its last step is typed again by somebody who has not seen
 * its end: shortly after an exchange the same words begin no second one.
 */
function isOver(
  { store, peerRotation: { record }, now }: Pick<ClusterFacts, 'store' | 'peerRotation' | 'now'>,
  { split, again }: Pick<PeerCaOptions, 'split' | 'again'>,
): boolean {
  if (split) return store.peerCa !== undefined;
  if (again === true || record?.proven === undefined) return false;
  return Math.abs(now.getTime() - Date.parse(record.proven)) < AGAIN;
}

/** What forbids the restarts of a change that goes on: how it began was asked with all of `up`. */
function stillRefused(desired: DesiredCluster, facts: ClusterFacts): Plan['refusals'] {
  return [
    ...ownershipRefusals(desired, facts),
    ...strangeRecords(desired, facts),
    ...membershipIsKept(desired, facts),
    ...noCorruption(desired, facts),
    ...replacedLogs(desired, facts),
    ...versionRefusals(desired, facts),
    ...launchRefusals(desired, facts),
    ...spaceRefusals(desired, facts),
  ];
}

/** Makes the next CA where there is none, and lets every member trust both, one by one, with the way back. */
function trustBoth(
  desired: DesiredCluster,
  facts: ClusterFacts,
  phase: PeerCaPhase,
  { allowDowntime }: PeerCaOptions,
): Pick<Plan, 'waves' | 'refusals'> {
  if (phase !== 'none' && phase !== 'trust') return { waves: [], refusals: [] };
  const isMade = phase === 'trust' && facts.store.peerCa !== undefined;
  const expected = isMade ? facts : underWay(facts);
  const decision = decide({ ...desired, consumers: [] }, expected, {
    allowDowntime,
  });
  const drift = driftRefusals(decision, { isExpected: (step) => isAboutPeers(step, desired) });
  const refusals = [...decision.refusals, ...drift];
  if (refusals.length > 0) return { waves: [], refusals };
  const { peerCa } = desired;
  const make: readonly HereStep[] =
    isMade || peerCa === undefined
      ? []
      : [
          {
            ...{ kind: 'create-next-ca', authority: 'peer', ca: peerCa },
            because:
              facts.store.peerCa === undefined
                ? 'peers are to trust a CA of their own'
                : 'the CA of the peers is rotated',
          },
        ];
  const { waves } = convergeWaves(decision, {
    titleOf: (name, isRestarted) =>
      isRestarted ? `let ${name} trust both CAs at its peer port` : `change ${name}`,
  });
  return {
    waves: [...(make.length > 0 ? [inStore('make the CA of the peers', make)] : []), ...waves],
    refusals: [],
  };
}

function newLeaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  return [
    probeListeners(desired, 'see that peers trust the new CA', 'next-ca-trusted', 'peer'),
    ...issueWaves(
      desired,
      'let the new CA sign for peers',
      [
        { kind: 'promote-ca', authority: 'peer', because: 'every member trusts it' },
        ...listAgain(facts),
      ],
      leavesOf(desired, 'peer').map(issueAgain),
    ),
    ...installLeaves(desired, facts, namesOf(desired), 'new', 'peer'),
  ];
}

/** Leaves of the new CA for whom they are missing: in the store first, then on each host that has others. */
function finishLeaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const stale = staleLeaves(desired, facts, 'peer');
  const isStale = new Set(stale.map(({ member }) => member));
  const list = listAgain(facts);
  const behind = namesOf(desired).filter((name) => {
    const stored = facts.store.certificates.get(`${name}/peer`)?.certificateSha256;
    const there = foundOf(facts, name)?.pki.files.get('peer.crt')?.sha256;
    return list.length > 0 || isStale.has(name) || stored !== there;
  });
  return [
    ...issueWaves(desired, 'issue from the new CA of the peers', list, stale.map(issueAgain)),
    ...installLeaves(desired, facts, behind, 'new', 'peer'),
  ];
}

/** Ends the trust in the old CA, and proves it with every kind of certificate that is not a peer's. */
function trustNewOnly(
  desired: DesiredCluster,
  facts: ClusterFacts,
  phase: PeerCaPhase,
): readonly Wave[] {
  const isDropped = phase === 'drop';
  const members = namesOf(desired).filter(
    (name) => !isDropped || !peersTrust(desired, facts, name),
  );
  const retire: HereStep = {
    ...{ kind: 'retire-ca', authority: 'peer' },
    because: 'no peer port shows a certificate of it any more',
  };
  return [
    ...(isDropped
      ? []
      : [
          probeListeners(desired, 'see that no peer shows the old CA', 'new-leaves-served', 'peer'),
          inStore('end the trust of peers in the old CA', [retire]),
        ]),
    ...restartForTrust(desired, facts, members, {
      purpose: 'trust the new CA only at its peer port',
    }),
    ...proof(desired),
  ];
}

/** Sees that members refuse the old CA; what the store records then is what says that the change is over. */
function proof(desired: DesiredCluster): readonly Wave[] {
  const because = 'every peer port refuses the old CA';
  return [
    probeListeners(
      desired,
      'see that clients are refused at peer ports',
      'former-ca-refused',
      'peer',
    ),
    inStore('record that the change is over', [
      { kind: 'record-proof', authority: 'peer', because },
    ]),
  ];
}

// A list that the old CA has signed is as good to etcd, but to nobody else who reads it.
function listAgain({ peerCrl, crl, store }: ClusterFacts): readonly HereStep[] {
  if ((store.peerCa === undefined ? crl : peerCrl) === undefined) return [];
  const because = 'the new CA signs it from now on';
  return [{ kind: 'revoke', authority: 'peer', revocations: [], hours: LIST_HOURS, because }];
}
