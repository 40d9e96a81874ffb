import type { DesiredCluster } from '../../desired/cluster.ts';
import { INVENTORY, type Next, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import type { Collision, Key } from './collision.ts';

/** Something of one owner on one host. */
export interface ClaimOnHost extends Pick<Claim, 'owner'> {
  readonly host: string;
  readonly found: Collision;
  readonly clear?: Next;
}

/** Who has something that the cluster would touch on its hosts, on which hosts, and what. */
interface Claim {
  readonly owner: string;
  readonly hosts: readonly string[];
  readonly found: readonly Collision[];
  /** How a host is cleared where its member has left the cluster of the owner. */
  readonly clear: Next;
}

/** Why a cluster must not take these: each owner once, with all hosts where it has the same. */
export function claimRefusals(
  cluster: DesiredCluster,
  claims: readonly ClaimOnHost[],
): readonly Refusal[] {
  return grouped(claims).map((claim) => refusal(cluster, claim));
}

function grouped(claims: readonly ClaimOnHost[]): readonly Claim[] {
  const byText = new Map<string, Claim>();
  const owners = new Map<
    string,
    { owner: string; host: string; found: Collision[]; clear: Next }
  >();
  for (const { owner, host, found, clear = [] } of claims) {
    const id = `${host}\n${owner}`;
    const known = owners.get(id) ?? { owner, host, found: [], clear };
    if (!known.found.some(({ what }) => what === found.what)) known.found.push(found);
    owners.set(id, known);
  }
  for (const { owner, host, found, clear } of owners.values()) {
    const id = [owner, ...found.map(({ what }) => what)].join('\n');
    const { hosts = [], clear: before = [] } = byText.get(id) ?? {};
    byText.set(id, { owner, found, hosts: [...hosts, host], clear: [...before, ...clear] });
  }
  return [...byText.values()];
}

function refusal(cluster: DesiredCluster, { owner, hosts, found, clear }: Claim): Refusal {
  const whats = found.map(({ what }) => what);
  const keys = [...new Set(found.map(({ key }) => key))].map(
    (key) => `${key}${example(key, cluster)}`,
  );
  return {
    kind: 'collision',
    about: hosts,
    sentence: `${hosts.join(', ')}: ${listed(whats)} ${whats.length === 1 && !whats[0]?.includes(' and ') ? 'belongs' : 'belong'} to ${owner}`,
    next: [
      remedy`give ${cluster.name} its own there: set ${listed(keys)} in ${INVENTORY}`,
      ...clear,
    ],
  };
}

function example(key: Key, { name, unit, paths }: DesiredCluster): string {
  const own = name.includes('etcd') ? name : `etcd-${name}`;
  const other = (taken: string, directory = '') => {
    const free = [own, unit, `${own}-2`].find((one) => `${directory}${one}` !== taken);
    return `, for example ${directory}${free},`;
  };
  switch (key) {
    case 'etcd.unit':
      return other(unit);
    case 'etcd.paths.conf':
      return other(paths.conf, '/etc/');
    case 'etcd.paths.data':
      return other(paths.data, '/var/lib/');
    case 'etcd.paths.wal':
    case 'etcd.paths.walDirectory':
      return other(paths.walHome ?? '', '/srv/');
    case 'etcd.paths.bin':
      return other(paths.bin, '/opt/');
    default:
      return '';
  }
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  // Some end in a comma of their own.
  return `${words.slice(0, -1).join(', ').replaceAll(',,', ',')} and ${words.at(-1)}`;
}
