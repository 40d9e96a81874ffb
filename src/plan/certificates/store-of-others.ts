import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { canonicalName } from '../../pki/names.ts';
import type { StoredCertificate } from '../../pki/store/store-facts.ts';
import { INVENTORY, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';

/** Certificates that carry a member's addresses. */
const LEAF = /^([^/]+)\/(server|peer)$/;
const EVERYWHERE = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Why the PKI store must not be used: it holds members' certificates, and none is for an address of this inventory or on a
 * host of it. By default a store goes by the name of its cluster, and two clusters beside each other may have one name:
 * each would replace the other's certificates, and a rotation of the CA by one would cut the other off.
 */
export function storeOfOthers(
  { name, ca, members }: DesiredCluster,
  { store, ...facts }: Pick<ClusterFacts, 'members' | 'store'>,
): readonly Refusal[] {
  const leaves = [...store.certificates].filter(([id]) => LEAF.test(id));
  if (ca === undefined || leaves.length === 0) return [];
  const addresses = new Set(
    members.flatMap(({ peerUrl, clientUrl }) => [peerUrl, clientUrl].map(hostOf)),
  );
  const sums = new Set(leaves.map(([, { certificateSha256 }]) => certificateSha256));
  const isOurs =
    leaves.some(([, { fact }]) => fact.names.some((one) => addresses.has(one))) ||
    allFound(facts).some(({ pki }) =>
      [...pki.files.values()].some(({ sha256 }) => sums.has(sha256)),
    );
  if (isOurs) return [];
  const owners = [...new Set(leaves.map(([id]) => id.split('/')[0] ?? ''))];
  const { directory } = store;
  const own = `${directory.replace(/(\.pki)?\/?$/, '')}-2.pki`;
  const paths = owners.map((one) => `${own}/${one}`).join(' ');
  const isFormed = allFound(facts).some(({ data }) => data?.used === true);
  return [
    {
      kind: 'store-of-others',
      about: [],
      sentence: `${directory}: holds the certificates of other members (${owners.map((one) => told(one, leaves)).join('; ')}) and of none in the inventory: another cluster, perhaps one that is also called ${name}, has its PKI store there`,
      next: isFormed
        ? [
            remedy`give this cluster a store of its own with the CA that it trusts: cp -a ${directory} ${own} && rm -r ${paths}; then set pki.store: ${own} in ${INVENTORY}`,
          ]
        : [
            remedy`give this cluster a store of its own: set pki.store: ${own} in ${INVENTORY}; or, if those members are gone for good and this cluster takes their CA over: move ${owners.map((one) => `${directory}/${one}`).join(', ')} out of the store`,
          ],
    },
  ];
}

function told(owner: string, leaves: readonly (readonly [string, StoredCertificate])[]): string {
  const names = leaves
    .filter(([id]) => id.startsWith(`${owner}/`))
    .flatMap(([, { fact }]) => fact.names)
    .filter((one) => one !== owner && !EVERYWHERE.has(one));
  return `${owner} at ${[...new Set(names)].join(', ') || 'no address'}`;
}

function hostOf(url: string): string {
  return canonicalName(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
