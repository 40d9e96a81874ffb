import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { DesiredCertificate } from '../pki/certificates.ts';
import { type CaPhase, memberTrusts, staleLeaves } from './ca-phase.ts';
import { type Issue, issueWaves } from './certificates.ts';
import { bring, consumerTrusts } from './consumers.ts';
import type { MemberPlan } from './member.ts';
import { HERE, type Wave } from './plan.ts';
import type { Step } from './step.ts';
import { oneByOne } from './waves.ts';

/** Makes the next CA in the store. */
export function makeNext({ ca }: DesiredCluster): Wave {
  const steps: readonly Step[] =
    ca === undefined ? [] : [{ kind: 'create-next-ca', ca, because: 'the CA is rotated' }];
  return here('make the new CA', steps);
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
    ...restarts(desired, facts, members, 'trust both CAs'),
    ...consumers.map((consumer) => bring(consumer, 'it is to trust both CAs')),
  ];
}

/** Lets the new CA sign, and brings every member its leaves. */
export function newLeaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
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

/** Ends the trust in the old CA, and proves it. */
export function narrowTrust(
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

/** Leaves of the new CA for whom they are missing: in the store first, then on each host that has others. */
export function finishLeaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
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

function reissue(certificate: DesiredCertificate): Issue {
  return { certificate, because: 'signed by another CA' };
}

function namesOf({ members }: DesiredCluster): readonly string[] {
  return members.map(({ name }) => name);
}
