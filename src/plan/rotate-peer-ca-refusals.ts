import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { PeerCa } from '../pki/authority.ts';
import { INVENTORY, type Offered, provision, remedy } from '../problem/remedy.ts';
import { peersTrust } from './peer-ca-phase.ts';
import type { Plan, Refusal } from './plan.ts';
import { strangeSteps } from './rotate.ts';
import type { Step } from './step.ts';

export interface PeerCaWishes {
  /** Peers get a CA of their own, where they share that of clients; else the one they have is exchanged. */
  readonly split: boolean;
  readonly allowDowntime: boolean;
}

/** Why a change of the CA that peers trust must not begin or go on now; empty when it may. */
export function peerCaRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { split, allowDowntime }: PeerCaWishes,
  otherPeerCa: PeerCa | undefined,
): readonly Refusal[] {
  const { name, members, ca, peerCa } = desired;
  if (ca === undefined) {
    return [
      {
        sentence: `${name}: speaks http, so peers trust no CA`,
        next: [remedy`switch to https first: ${provision('migrate', INVENTORY, '--to', 'https')}`],
      },
    ];
  }
  if (otherPeerCa === 'shared') {
    return [
      {
        sentence: `${name}: the inventory says pki.peerCa: shared, and this is about a CA of the peers' own`,
        next: 'take pki.peerCa out of the inventory, or set it to separate, then run the same command again',
      },
    ];
  }
  if (peerCa === undefined) {
    return [
      {
        sentence: `${name}: peers share the CA of clients, so there is none of their own to rotate`,
        next: [
          remedy`give them one: ${provision('certs', 'rotate-ca', INVENTORY, '--split')}`,
          remedy`rotate the CA for both: ${provision('certs', 'rotate-ca', INVENTORY)}`,
        ],
      },
    ];
  }
  const { rotation, peerRotation, store } = facts;
  if (rotation.next !== undefined || rotation.previous !== undefined) {
    return [
      {
        sentence: `${name}: a rotation of the CA of clients is under way, and one change of trust at a time can be undone`,
        next: endsClients(facts),
      },
    ];
  }
  if (split && store.ca === undefined && peerRotation.next === undefined) {
    return [
      {
        sentence: `${name}: ${store.directory} has no CA, so there is nothing that peers share`,
        next: 'set pki.store to the store this cluster was made with',
      },
    ];
  }
  const silent = members.flatMap((member) => {
    const etcd = facts.members.get(member.name)?.etcd;
    if (etcd?.healthy === true) return [];
    return [
      {
        sentence: `${member.name}: does not answer a linearizable read (${etcd?.complaint ?? 'no answer'}); a change of what peers trust needs every member`,
        next: [remedy`find out why: ${provision('doctor', INVENTORY)}`],
      },
    ];
  });
  const few = members.length > 2 || allowDowntime;
  return [
    ...silent,
    ...(few
      ? []
      : [
          {
            sentence: `${name}: with ${members.length} member${members.length === 1 ? '' : 's'} each of two restarts stops all writes for some seconds`,
            next: 'accept that: add --allow-downtime',
          },
        ]),
  ];
}

/** What brings a rotation of the CA of clients to its end, from where it stands. */
function endsClients({ rotation: { next, record } }: ClusterFacts): readonly Offered[] {
  const goOn = provision('certs', 'rotate-ca', INVENTORY);
  const finish = provision('certs', 'rotate-ca', INVENTORY, '--finish');
  const abort = provision('certs', 'rotate-ca', INVENTORY, '--abort');
  const hasSigned = next === undefined;
  return [
    hasSigned
      ? remedy`once clients have followed, end it first: ${finish}`
      : remedy`end it first: ${goOn}; then, once clients have followed: ${finish}`,
    ...(record?.back === true
      ? []
      : [
          hasSigned
            ? remedy`go back first: ${abort}; then: ${finish}`
            : remedy`go back first: ${abort}`,
        ]),
  ];
}

/** A rotation of the CA of clients does not begin while what peers trust is being changed. */
export function peerChangeUnderWay(
  desired: DesiredCluster,
  facts: ClusterFacts,
): readonly Refusal[] {
  const { name, peerCa } = desired;
  const { peerRotation, store } = facts;
  // A member that does not run shows nothing, so it is no sign of a change either.
  const isDistrusting = desired.members.some(
    (member) =>
      (facts.members.get(member.name)?.unit.pid ?? 0) > 0 &&
      !peersTrust(desired, facts, member.name),
  );
  const isUnderWay =
    peerRotation.next !== undefined ||
    (peerCa !== undefined &&
      (peerRotation.previous !== undefined || (store.peerCa !== undefined && isDistrusting)));
  if (!isUnderWay) return [];
  const shared = [store.peerCa?.pem, peerRotation.previous?.pem].includes(store.ca?.pem);
  const flag = peerCa === undefined || shared ? '--split' : '--peer';
  return [
    {
      sentence: `${name}: a change of the CA of the peers is under way, and one change of trust at a time can be undone`,
      next: [remedy`finish it first: ${provision('certs', 'rotate-ca', INVENTORY, flag)}`],
    },
  ];
}

/** Refusals for every host that something else would be done to than a change of what peers trust. */
export function strangers(desired: DesiredCluster, plan: Plan): readonly Refusal[] {
  const waves = plan.waves.map((wave) => ({
    ...wave,
    lanes: wave.lanes.map((lane) => ({
      ...lane,
      steps: lane.steps.filter((step) => !isAboutPeers(step, desired)),
    })),
  }));
  return strangeSteps(desired, { ...plan, waves });
}

const LINE = /^ETCD_PEER_(TRUSTED_CA|CRL)_FILE=/;

/** Whether a file changes in what it says of the peers' CA alone. */
function isAboutPeers(step: Step, { paths }: DesiredCluster): boolean {
  if (step.kind !== 'write-files') return false;
  return step.files.every(({ file, before }) => {
    const rest = (text: string | undefined) =>
      text
        ?.split('\n')
        .filter((line) => !LINE.test(line))
        .join('\n');
    return file.path === paths.confFile && rest(file.content) === rest(before);
  });
}

/** What will be found once the next CA is made: the former one stays in its place, with its revocation list. */
export function underWay(facts: ClusterFacts): ClusterFacts {
  const { store, crl, peerCrl, peerRotation } = facts;
  const { ca, peerCa = ca } = store;
  if (peerCa === undefined) return facts;
  const fact = { ...peerCa.fact, usages: [], nameConstraints: undefined, fingerprint256: 'next' };
  const next = peerRotation.next ?? {
    ...peerCa,
    fact,
    pem: 'the next CA of the peers',
    hasKey: true,
  };
  const list = store.peerCa === undefined ? crl : peerCrl;
  return {
    ...facts,
    store: { ...store, peerCa },
    peerCrl: list,
    peerRotation: { ...peerRotation, next },
  };
}
