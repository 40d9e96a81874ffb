import type { DesiredCluster } from '../desired/cluster.ts';
import type { DesiredConsumer } from '../desired/consumers.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { DesiredCertificate } from '../pki/certificates.ts';
import { forgetKeys, type Issue, issueWaves } from './certificates.ts';
import { bring, consumerIsCurrent, consumerTrusts } from './consumers.ts';
import { hostKeyRefusals } from './host-key-refusals.ts';
import { type MemberPlan, sha256, trustOf } from './member.ts';
import { HERE, type Plan, type Refusal, type Wave } from './plan.ts';
import { caRotationRefusals } from './rotate-ca-refusals.ts';
import type { Step } from './step.ts';
import { oneByOne } from './waves.ts';

export interface CaRotationWishes {
  /** Consumers that nothing reloads have taken up what they were brought. */
  readonly consumersReady: boolean;
  readonly allowDowntime: boolean;
}

/**
 * How far a rotation of the CA has come, read from the store and from what members trust since their start:
 * `trust` the new CA is being made known · `sign` every member trusts both · `leaves` the new CA signs, members get its
 * leaves · `drop` the old CA is not trusted any more, members learn that by a restart · `none` no rotation is under way.
 */
export type CaPhase = 'none' | 'trust' | 'sign' | 'leaves' | 'drop';

/**
 * Decides what is left of a rotation of the CA. Members read CA files only at their start, so trust is widened and
 * narrowed by restarts, one by one; leaves change in between without any (etcd-facts §2). Planning again resumes a
 * killed run, since the phase is seen in the store and on the hosts.
 */
export function planCaRotation(
  desired: DesiredCluster,
  facts: ClusterFacts,
  wishes: CaRotationWishes,
): Plan {
  const unfit = [
    ...caRotationRefusals(desired, facts, wishes),
    ...unconfirmed(desired, facts, wishes),
  ];
  const refusals = unfit.length > 0 ? unfit : keyless(desired, facts);
  if (refusals.length > 0) return { cluster: desired.name, waves: [], refusals };

  const phase = caPhase(desired, facts);
  const stops = unreloaded(desired).length > 0;
  const widens = phase === 'none' || phase === 'trust';
  const first: readonly Wave[] = [
    ...(phase === 'none' ? [here('make the new CA', createNext(desired))] : []),
    ...(widens ? widenTrust(desired, facts, phase) : []),
  ];
  if (widens && stops) return { cluster: desired.name, waves: first, refusals: [] };

  const behind = phase === 'drop' ? [] : consumersBehind(desired, facts, phase);
  const second: readonly Wave[] = [
    ...first,
    ...(widens || phase === 'sign' ? newLeaves(desired, facts) : []),
    ...(phase === 'leaves' ? finishLeaves(desired, facts) : []),
    ...behind.map((consumer) => bring(consumer, 'its certificate comes from the new CA')),
    ...forgetKeys(desired, facts),
  ];
  if (behind.length > 0 && stops) return { cluster: desired.name, waves: second, refusals: [] };
  const waves = [...second, ...narrowTrust(desired, facts, phase)];
  return { cluster: desired.name, waves, refusals: [] };
}

/** Consumers that nothing reloads: only a person knows whether they have taken up what they were brought. */
export function unreloaded({ consumers }: DesiredCluster): readonly DesiredConsumer[] {
  return consumers.filter(({ unit }) => unit === undefined);
}

function widenTrust(desired: DesiredCluster, facts: ClusterFacts, phase: CaPhase): readonly Wave[] {
  const isNew = phase === 'none';
  const members = namesOf(desired).filter((name) => isNew || !memberTrusts(facts, name));
  const consumers = desired.consumers.filter((one) => isNew || !consumerTrusts(one, facts));
  return [
    ...restarts(desired, facts, members, 'trust both CAs'),
    ...consumers.map((consumer) => bring(consumer, 'it is to trust both CAs')),
  ];
}

function newLeaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  return [
    probes(desired, 'see that the new CA is trusted', 'next-ca-trusted'),
    ...issueWaves(
      desired,
      'let the new CA sign',
      [{ kind: 'promote-ca', because: 'every member trusts it' }],
      desired.certificates.map(reissue),
    ),
    ...swaps(desired, facts, namesOf(desired)),
  ];
}

function narrowTrust(
  desired: DesiredCluster,
  facts: ClusterFacts,
  phase: CaPhase,
): readonly Wave[] {
  const isDropped = phase === 'drop';
  const members = namesOf(desired).filter((name) => !isDropped || !memberTrusts(facts, name));
  const consumers = desired.consumers.filter((one) => !isDropped || !consumerTrusts(one, facts));
  return [
    ...(isDropped
      ? []
      : [
          probes(desired, 'see that nobody shows the old CA any more', 'new-leaves-served'),
          here('end the trust in the old CA', [
            { kind: 'retire-ca', because: 'no listener shows a certificate of it any more' },
          ]),
        ]),
    ...restarts(desired, facts, members, 'trust the new CA only'),
    ...consumers.map((consumer) => bring(consumer, 'it is to trust the new CA only')),
    probes(desired, 'see that the old CA is refused', 'former-ca-refused'),
  ];
}

/** Consumers that do not have their certificate of the new CA yet. */
function consumersBehind(
  desired: DesiredCluster,
  facts: ClusterFacts,
  phase: CaPhase,
): readonly DesiredConsumer[] {
  if (phase !== 'leaves') return desired.consumers;
  const stale = new Set(staleLeaves(desired, facts).map(({ consumer }) => consumer));
  return desired.consumers.filter(
    (consumer) => stale.has(consumer.name) || !consumerIsCurrent(consumer, facts),
  );
}

function namesOf({ members }: DesiredCluster): readonly string[] {
  return members.map(({ name }) => name);
}

/** The phase of a rotation, from what was found. */
export function caPhase(desired: DesiredCluster, facts: ClusterFacts): CaPhase {
  const { next, previous } = facts.rotation;
  const members = namesOf(desired).every((name) => memberTrusts(facts, name));
  const consumers = desired.consumers.every((consumer) => consumerTrusts(consumer, facts));
  if (next !== undefined && previous === undefined) return members && consumers ? 'sign' : 'trust';
  if (previous !== undefined) return next === undefined ? 'leaves' : 'sign';
  // A consumer that has nothing yet is no sign of a rotation.
  const lagging = desired.consumers.some(
    (one) =>
      facts.consumers.get(one.name)?.pki.files.has('ca.crt') === true &&
      !consumerTrusts(one, facts),
  );
  return members && !lagging ? 'none' : 'drop';
}

/** Whether a member's process has started with exactly the CAs that are to be trusted. */
function memberTrusts(facts: ClusterFacts, name: string): boolean {
  const found = facts.members.get(name);
  const file = found?.pki.files.get('ca.crt');
  const startedAt = found?.unit.startedAt;
  return (
    file !== undefined &&
    startedAt !== undefined &&
    file.sha256 === sha256(trustOf(facts)) &&
    file.modifiedAt <= startedAt
  );
}

function createNext({ ca }: DesiredCluster): readonly Step[] {
  return ca === undefined ? [] : [{ kind: 'create-next-ca', ca, because: 'the CA is rotated' }];
}

function reissue(certificate: DesiredCertificate): Issue {
  return { certificate, because: 'signed by another CA' };
}

/** Leaves of the new CA for whom they are missing: in the store first, then on each host that has others. */
function finishLeaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const stale = staleLeaves(desired, facts);
  const reissued = new Set(stale.map(({ member }) => member));
  const behind = desired.members
    .map(({ name }) => name)
    .filter((name) => reissued.has(name) || hasOtherLeaves(desired, facts, name));
  return [
    ...issueWaves(desired, 'issue from the new CA', [], stale.map(reissue)),
    ...swaps(desired, facts, behind),
  ];
}

/** What the store does not have from the CA that signs now. */
function staleLeaves(
  { certificates }: DesiredCluster,
  { store }: ClusterFacts,
): readonly DesiredCertificate[] {
  return certificates.filter(({ id }) => {
    const found = store.certificates.get(id);
    return found === undefined || found.issuerFingerprint256 !== store.ca?.fact.fingerprint256;
  });
}

function hasOtherLeaves(desired: DesiredCluster, facts: ClusterFacts, name: string): boolean {
  const files = facts.members.get(name)?.pki.files;
  return desired.certificates
    .filter(({ member }) => member === name)
    .some(({ id, row }) => {
      const stored = facts.store.certificates.get(id);
      return files?.get(`${row}.crt`)?.sha256 !== stored?.certificateSha256;
    });
}

function restarts(
  desired: DesiredCluster,
  facts: ClusterFacts,
  names: readonly string[],
  purpose: string,
): readonly Wave[] {
  const because = 'etcd reads CA files only at its start';
  const plans = names.map((name) => memberPlan(name, [install(desired, name, purpose)], because));
  return titled(oneByOne(desired, facts, plans), (name) => `let ${name} ${purpose}`);
}

function swaps(
  desired: DesiredCluster,
  facts: ClusterFacts,
  names: readonly string[],
): readonly Wave[] {
  const plans = names.map((name) =>
    memberPlan(
      name,
      [
        install(desired, name, 'its leaves come from the new CA'),
        {
          kind: 'probe-listeners',
          member: name,
          proof: 'new-leaves-served',
          because: 'old connections would hide a certificate that fails',
        },
      ],
      undefined,
    ),
  );
  return titled(oneByOne(desired, facts, plans), (name) => `swap the certificates of ${name}`);
}

function install({ paths, account }: DesiredCluster, member: string, because: string): Step {
  return { kind: 'install-certificates', member, link: paths.pki, account, because };
}

function memberPlan(
  name: string,
  certificates: readonly Step[],
  restartBecause: string | undefined,
): MemberPlan {
  return {
    ...{ name, certificates, restartBecause },
    ...{ running: true, ready: true, asksPeers: false },
    ...{ prepare: [], server: [], link: [], tools: [], configuration: [] },
  };
}

function probes(
  { members }: DesiredCluster,
  title: string,
  proof: Extract<Step, { kind: 'probe-listeners' }>['proof'],
): Wave {
  const because = 'only a fresh handshake proves it';
  const lanes = members.map(({ name }) => ({
    host: name,
    steps: [{ kind: 'probe-listeners', member: name, proof, because } as const],
  }));
  return { title, lanes, gate: [], undo: [] };
}

function here(title: string, steps: readonly Step[]): Wave {
  return { title, lanes: [{ host: HERE, steps }], gate: [], undo: [] };
}

function titled(waves: readonly Wave[], title: (name: string) => string): readonly Wave[] {
  return waves.map((wave) => ({ ...wave, title: title(wave.lanes[0]?.host ?? '') }));
}

/** Hosts that cannot make the keys of leaves that are still to come. */
function keyless(desired: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const phase = caPhase(desired, facts);
  if (phase === 'drop') return [];
  const due = phase === 'leaves' ? staleLeaves(desired, facts) : desired.certificates;
  return hostKeyRefusals(desired, facts, new Set(due.map(({ id }) => id)));
}

/** The next CA must not sign, and the old one not go, before every consumer has taken up what it was brought. */
function unconfirmed(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { consumersReady }: CaRotationWishes,
): readonly Refusal[] {
  const phase = caPhase(desired, facts);
  const waits =
    phase === 'sign' || (phase === 'leaves' && consumersBehind(desired, facts, phase).length === 0);
  if (!waits || consumersReady) return [];
  return unreloaded(desired).map(({ name, directory }) => ({
    sentence: `${name}: nothing tells whether it has taken up the certificates and CAs in ${directory}`,
    next: 'reload or restart it, then: provision certs rotate-ca INVENTORY --consumers-ready',
  }));
}
