import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type ObservedMember, observed } from '../../observed/observed.ts';
import type { Authority } from '../../pki/ca/authority.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import { programOf } from '../carried.ts';
import { bringToConsumer, consumerTrusts } from '../consumers.ts';
import { allWell } from '../gate.ts';
import type { HereStep } from '../here-step.ts';
import { here, onHost } from '../lane.ts';
import type { Wave } from '../plan.ts';
import { leaderLast, rolling, type Turn } from '../rolling.ts';
import type { HostStep } from '../step.ts';
import { when } from '../step-words.ts';
import { undoOf } from '../undo.ts';
import { quietWave } from '../unnoticed.ts';
import { namesOf, restartSteps, yieldSteps } from '../waves.ts';
import { type CaPhase, hasOtherLeaves, leavesOf, memberTrusts, staleLeaves } from './ca-phase.ts';
import { type Issue, issueWaves } from './certificates.ts';
import { installCertificates } from './member-certificates.ts';
import { type ProbeStep, probeStep } from './probe-step.ts';
import { type CaRotationOptions, WINDOW } from './rotate-ca-options.ts';

/** Makes the next CA in the store. */
export function makeNext({ ca }: DesiredCluster): Wave {
  const steps: readonly HereStep[] =
    ca === undefined ? [] : [{ kind: 'create-next-ca', ca, because: 'the CA is rotated' }];
  return inStore('make the new CA', steps);
}

/** Lets members and consumers trust both CAs, for whom that is still to be done. */
export function widenTrust(
  desired: DesiredCluster,
  facts: ClusterFacts,
  phase: CaPhase,
): readonly Wave[] {
  const isNew = phase === 'none';
  const members = namesOf(desired).filter((name) => isNew || !memberTrusts(facts, name));
  const consumers = desired.consumers.filter((one) => isNew || !consumerTrusts(one, facts));
  return [
    ...restartForTrust(desired, facts, members, { purpose: 'trust both CAs' }),
    ...(phase === 'leaves'
      ? []
      : consumers.map((consumer) => bringToConsumer(consumer, facts, 'it is to trust both CAs'))),
  ];
}

/** Lets one member show a leaf of the new CA for a while: a client that does not trust that CA yet refuses it, and is named. */
export function tryLeaf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { window = WINDOW, accepted = [] }: Pick<CaRotationOptions, 'window' | 'accepted'>,
): readonly Wave[] {
  const { certificates, unit } = desired;
  const { members } = observed(desired, facts);
  const first = members.find((member) => !member.leads) ?? members[0];
  if (first === undefined) return [];
  const { name } = first;
  const like = certificates.find((one) => one.member === name && one.row === 'server');
  if (like === undefined) return [];
  const because = 'a client that does not trust the new CA would be cut off by it';
  return [
    quietWave(
      `see on ${name} who refuses the new CA`,
      [
        onHost(name, [
          {
            ...{ kind: 'try-next-leaf', member: name, unit, like, window, accepted, because },
            former: installCertificates(desired, name, because),
          },
        ]),
      ],
      allWell(namesOf(desired)),
    ),
  ];
}

/** Lets the new CA sign, and brings every member its leaves. */
export function newLeaves(
  desired: DesiredCluster,
  facts: ClusterFacts,
  signing: 'new' | 'old' = 'new',
): readonly Wave[] {
  return [
    probeListeners(desired, `see that the ${signing} CA is trusted`, 'next-ca-trusted'),
    ...issueWaves(
      desired,
      `let the ${signing} CA sign`,
      [{ kind: 'promote-ca', because: 'every member trusts it' }],
      leavesOf(desired, 'client').map(issueAgain),
    ),
    ...installLeaves(desired, facts, namesOf(desired), signing),
  ];
}

/** Leaves of the new CA for whom they are missing: in the store first, then on each host that has others. */
export function finishLeaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const stale = staleLeaves(desired, facts);
  const reissued = new Set(stale.map(({ member }) => member));
  const behind = desired.members
    .map(({ name }) => name)
    .filter((name) => reissued.has(name) || hasOtherLeaves(desired, facts, name));
  return [
    ...issueWaves(desired, 'issue from the new CA', [], stale.map(issueAgain)),
    ...installLeaves(desired, facts, behind),
  ];
}

/** What a restart is for, and whom it must not cut off. */
export interface TrustRestart {
  readonly purpose: string;
  /** The CA that signs alone; else all of the store. */
  readonly trust?: 'signing';
  /** Put back when it rejects other addresses than these within so many seconds. */
  readonly watch?: { readonly window: number; readonly accepted: readonly string[] };
}

/** Has members trust other CAs, which takes a restart each. */
export function restartForTrust(
  desired: DesiredCluster,
  facts: ClusterFacts,
  names: readonly string[],
  { purpose, trust, watch }: TrustRestart,
): readonly Wave[] {
  const because = 'etcd reads CA files only at its start';
  const turnOf = ({ name, found, desired: member }: ObservedMember): Turn => {
    const change = [
      installCertificates(desired, name, purpose, trust),
      ...yieldSteps(desired),
      ...restartSteps(desired, programOf(desired, member), because),
    ];
    const watched: readonly HostStep[] =
      watch === undefined
        ? []
        : [
            {
              ...{ kind: 'watch-clients', member: name, unit: desired.unit, ...watch },
              because: 'a client that is rejected has not followed yet',
            },
          ];
    return {
      title: `let ${name} ${purpose}`,
      steps: [...change, ...watched],
      undo: undoOf(desired, change, found),
    };
  };
  return rolling(membersCalled(desired, facts, names), turnOf, {
    among: namesOf(desired),
    order: leaderLast,
  });
}

function membersCalled(
  desired: DesiredCluster,
  facts: ClusterFacts,
  names: readonly string[],
): readonly ObservedMember[] {
  return observed(desired, facts).members.filter(({ name }) => names.includes(name));
}

/** Brings members their new leaves, one by one, each proved by fresh handshakes. */
export function installLeaves(
  desired: DesiredCluster,
  facts: ClusterFacts,
  names: readonly string[],
  signing: 'new' | 'old' = 'new',
  authority?: Authority,
): readonly Wave[] {
  const { unit, paths } = desired;
  const turnOf = ({ name, found, desired: { listener } }: ObservedMember): Turn => {
    const steps: readonly HostStep[] = [
      installCertificates(desired, name, `its leaves come from the ${signing} CA`),
      // Clients have nothing to follow where only peers change.
      ...when(authority !== 'peer', {
        ...{ kind: 'note-connections', unit, pki: paths.pki, port: listener.ports.client },
        because: 'they were opened before its new leaves',
      }),
      ...probeStep(
        desired,
        name,
        'new-leaves-served',
        'old connections would hide a certificate that fails',
        authority,
      ),
    ];
    const title = `swap the certificates of ${name}`;
    return { title, steps, undo: undoOf(desired, steps, found) };
  };
  return rolling(membersCalled(desired, facts, names), turnOf, {
    among: namesOf(desired),
    order: leaderLast,
  });
}

/** Asks every member for a proof, at the listeners that trust the CA of the authority. */
export function probeListeners(
  desired: DesiredCluster,
  title: string,
  proof: ProbeStep['proof'],
  authority: Authority | undefined = desired.peerCa === undefined ? undefined : 'client',
): Wave {
  const because = 'only a fresh handshake proves it';
  const lanes = desired.members.map(({ name }) =>
    onHost(name, probeStep(desired, name, proof, because, authority)),
  );
  return quietWave(title, lanes);
}

/** Steps in the store. */
export function inStore(title: string, steps: readonly HereStep[]): Wave {
  return quietWave(title, [here(steps)]);
}

/** Why leaves are made again under another CA. */
export function issueAgain(certificate: DesiredCertificate): Issue {
  return { certificate, because: 'signed by another CA' };
}
