import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { PeerCa } from '../../pki/ca/authority.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { downtimeRefusals, notAnsweringRefusals } from '../policy.ts';
import { besideRotation, withoutTls } from '../refusing/beside-change.ts';
import type { Step } from '../step.ts';

export interface PeerCaOptions {
  /** Peers get a CA of their own, where they share that of clients; else the one they have is exchanged. */
  readonly split: boolean;
  readonly allowDowntime: boolean;
  /** Begin another exchange although one has just ended. */
  readonly again?: boolean;
}

/** Why a change of the CA that peers trust must not begin or go on now; empty when it may. */
export function peerCaRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { split, allowDowntime }: PeerCaOptions,
  otherPeerCa: PeerCa | undefined,
): readonly Refusal[] {
  const { name, ca, peerCa } = desired;
  if (ca === undefined) return withoutTls(desired, facts, 'peers trust no CA');
  if (otherPeerCa === 'shared') {
    return [
      {
        kind: 'peer-ca-shared',
        about: [],
        sentence: `${name}: the inventory says pki.peerCa: shared, and this is about a CA of the peers' own`,
        next: [
          remedy`take pki.peerCa out of the inventory, or set it to separate, then run the same command again`,
        ],
      },
    ];
  }
  if (peerCa === undefined) {
    return [
      {
        kind: 'peer-ca-shared',
        about: [],
        sentence: `${name}: peers share the CA of clients, so there is none of their own to rotate`,
        next: [
          remedy`give them one: ${provision('certs', 'rotate-ca', INVENTORY, '--split')}`,
          remedy`rotate the CA for both: ${provision('certs', 'rotate-ca', INVENTORY)}`,
        ],
      },
    ];
  }
  const { peerRotation, store } = facts;
  const rotating = besideRotation(desired, facts);
  if (rotating.length > 0) return rotating;
  if (split && store.ca === undefined && peerRotation.next === undefined) {
    return [
      {
        kind: 'no-ca',
        about: [],
        sentence: `${name}: ${store.directory} has no CA, so there is nothing that peers share`,
        next: [remedy`set pki.store to the store this cluster was made with`],
      },
    ];
  }
  const whatPeersTrust = 'a change of what peers trust';
  return [
    ...notAnsweringRefusals(desired, facts, whatPeersTrust, [
      remedy`find out why: ${provision('doctor', INVENTORY)}`,
    ]),
    ...downtimeRefusals(desired, facts, { allowDowntime }, 'each of two restarts'),
  ];
}

const LINE = /^ETCD_PEER_(TRUSTED_CA|CRL)_FILE=/;

/** Whether a file changes in what it says of the peers' CA alone. */
export function isAboutPeers(step: Step, { paths }: DesiredCluster): boolean {
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
