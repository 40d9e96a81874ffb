import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { canonicalName } from '../../pki/names.ts';
import type { StoredCertificate } from '../../pki/store/store-facts.ts';
import { INVENTORY, type Offered, remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import type { Refusal } from '../plan.ts';
import { trustFiles } from './trust.ts';

type Facts = Parameters<typeof trustFiles>[1] & Pick<ClusterFacts, 'members'>;

/** Certificates that carry a member's addresses. */
const LEAF = /^([^/]+)\/(server|peer)$/;
const EVERYWHERE = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Why the PKI store must not be used: it holds members' certificates, and none is for an address of this inventory or on a
 * host of it. By default a store goes by the name of its cluster, and two clusters beside each other may have one name:
 * each would replace the other's certificates, and a rotation of the CA by one would cut the other off.
 */
export function storeOfOthers(cluster: DesiredCluster, facts: Facts): readonly Refusal[] {
  const { name, ca, members } = cluster;
  const { store } = facts;
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
  return [
    {
      kind: 'store-of-others',
      about: [],
      sentence: `${directory}: holds the certificates of other members (${owners.map((one) => told(one, leaves)).join('; ')}) and of none in the inventory: another cluster, perhaps one that is also called ${name}, has its PKI store there`,
      next: [wayOut(cluster, facts, owners, own)],
    },
  ];
}

/** The store that this cluster is to have: with the CA that its hosts trust, where they trust any. */
function wayOut(
  cluster: DesiredCluster,
  facts: Facts,
  owners: readonly string[],
  own: string,
): Offered {
  const { directory } = facts.store;
  const used = allFound(facts).filter(({ data }) => data?.used === true);
  if (used.length === 0)
    return remedy`give this cluster a store of its own: set pki.store: ${own} in ${INVENTORY}; or, if those members are gone for good and this cluster takes their CA over: move ${owners.map((one) => `${directory}/${one}`).join(', ')} out of the store`;
  const [{ bundle, sha256 } = { bundle: '', sha256: undefined }] = trustFiles(cluster, facts);
  const trusted = used.flatMap(({ pki }) => pki.files.get(bundle)?.sha256 ?? []);
  if (trusted.length === 0 || trusted.some((one) => one !== sha256))
    return remedy`this store's CA is not the one that the hosts trust: bring back the store that this cluster was made with, and set pki.store to where it is in ${INVENTORY}`;
  // A directory that is there would be mixed with the copy.
  const copy = sh`mkdir -m 700 ${own} && cp -a ${`${directory}/.`} ${own} && rm -r ${owners.map((one) => `${own}/${one}`)}`;
  return remedy`give this cluster a store of its own with the CA that it trusts: ${copy.text}; then set pki.store: ${own} in ${INVENTORY}`;
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
