import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type Authority, authorityDirectory } from '../../pki/ca/authority.ts';
import { namesFor } from '../../pki/desired-certificate.ts';
import { isMadeByOthers } from '../../pki/store/made-by-others.ts';
import type { StoredCa } from '../../pki/store/store-facts.ts';
import { caOf } from '../../pki/store/store-facts.ts';
import { whyCaUnfit, whyNotForMembers } from '../../pki/verify/judge.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, onlyIf, provision, remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import type { Refusal } from '../plan.ts';
import { safely } from '../refusing/situation.ts';
import { planCertificates } from './certificates.ts';
import { isSplitOff } from './trust.ts';

const AUTHORITIES: readonly Authority[] = ['client', 'peer'];

/** A certificate that must be made needs a CA that may and can sign; better known now than in the middle. */
export function caCanSign(cluster: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const { reissued } = planCertificates(cluster, facts);
  const proposals = AUTHORITIES.flatMap((authority): readonly Proposal[] => {
    const due = cluster.certificates.filter(
      (one) => one.authority === authority && reissued.has(one.id),
    );
    const ca = caOf(facts.store, { authority });
    if (ca === undefined || due.length === 0) return [];
    const directory = authorityDirectory(facts.store.directory, authority);
    const unfit =
      whyCaUnfit(ca.fact, facts.now) ?? whyNotForMembers(ca.fact, namesFor(authority, due));
    // While peers are split off, their CA is that of clients, whose key is in its own place.
    const holder = authority === 'peer' && isSplitOff(facts) ? facts.store.ca : ca;
    const why = unfit ?? (holder?.hasKey === true ? undefined : 'the key of the CA is not there');
    if (why === undefined) return [];
    return [
      {
        kind: 'ca-cannot-sign',
        about: [],
        sentence: `${directory}: ${why}, so ${due.map(({ id }) => id).join(', ')} cannot be issued`,
        next:
          unfit === undefined
            ? [
                remedy`put the key to the CA in ${directory} for this run`,
                ...(cluster.certificates.some((one) => isMadeByOthers(one, facts.store))
                  ? [
                      remedy`take what needs ${due.map(({ id }) => id).join(', ')} out of the inventory, and add it again after ${provision('certs', 'rotate-ca', INVENTORY)}`,
                    ]
                  : []),
              ]
            : ca.fact.notBefore > facts.now
              ? [
                  remedy`it was made by a clock that was ahead, or this machine's is behind: compare them, and wait until ${ca.fact.notBefore.toISOString()}`,
                  // Hosts that hold data may trust this CA, and so may clients.
                  onlyIf(
                    remedy`if this cluster has never been up: ${sh`mv ${facts.store.directory} ${`${facts.store.directory}.early`}`.text}, then ${provision('up', INVENTORY)}`,
                    { kind: 'noKeysHere' },
                  ),
                ]
              : [remedy`bring a CA that can sign into ${directory}`],
      },
    ];
  });
  return safely(cluster, facts, proposals);
}

/** A CA that is to sign next is trusted first, by restarts; one that could not sign would leave the cluster half-way. */
export function nextCaFits(
  { certificates, ca: wanted }: DesiredCluster,
  { store, rotation, peerRotation, now }: ClusterFacts,
): readonly Refusal[] {
  if (wanted === undefined) return [];
  return AUTHORITIES.flatMap((authority) => {
    const { next, previous } = authority === 'peer' ? peerRotation : rotation;
    if (next === undefined || previous !== undefined) return [];
    const directory = `${authorityDirectory(store.directory, authority)}/next-ca`;
    const why = whyNotSigner(next, namesFor(authority, certificates), now);
    if (why === undefined) return [];
    return [
      {
        kind: 'next-ca-unfit',
        about: [],
        sentence: `${directory}: ${why}, so it cannot be the next CA`,
        next:
          authority === 'client'
            ? [
                remedy`give it up: ${provision('certs', 'rotate-ca', INVENTORY, '--abort')}; then begin again with one that may sign for members`,
              ]
            : [
                remedy`move ${directory} away, and have the next CA made: ${provision('certs', 'rotate-ca', INVENTORY, '--peer')}`,
                remedy`put one there that may sign for members`,
              ],
      },
    ];
  });
}

/** Why a CA cannot sign what members need, with certificates for these names; undefined when it can. */
export function whyNotSigner(
  ca: StoredCa,
  names: readonly string[],
  now: Date,
): string | undefined {
  return (
    whyCaUnfit(ca.fact, now) ??
    whyNotForMembers(ca.fact, names) ??
    (ca.hasKey ? undefined : 'the CA has no key beside it')
  );
}

/** The facts as they count for who gives the next CA up: it need not fit. */
export function withoutMisfit(facts: ClusterFacts): ClusterFacts {
  const { store, rotation } = facts;
  const { next, previous, record } = rotation;
  if (next === undefined || previous !== undefined || record?.back === true) return facts;
  if (store.ca === undefined) return facts;
  // Only what it may sign is put out of question; what members trust stays.
  const fits = { ...next, fact: store.ca.fact, hasKey: true };
  return { ...facts, rotation: { ...rotation, next: fits } };
}
