import { Failure } from '../../failure/failure.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { FoundHost } from '../look/find-etcds.ts';
import { type AdoptedCluster, clusterIdOf, clustersOf, type Found } from './adoption.ts';
import { partedUrls } from './urls.ts';

/** What the operator has named, and what was found there. */
export interface Choice {
  readonly found: readonly Found[];
  /** Units that are called after etcd and start something else, by host. */
  readonly others: ReadonlyMap<string, FoundHost['others']>;
  /** The unit that is meant, without its ending. */
  readonly unit: string | undefined;
  /** The words that call adopt again. */
  readonly again: readonly string[];
}

function refuseNothing(found: readonly Found[], { others, unit }: Choice): void {
  if (found.length > 0) return;
  const parts = [...others].map(([host, units]): Problem => {
    const named = units.filter((one) => unit === undefined || one.unit === `${unit}.service`);
    const starts = named.map((one) => `; ${one.unit} starts ${one.program}`).join('');
    const what =
      unit === undefined
        ? 'no etcd runs there, and no unit would start one'
        : `no etcd runs as ${unit}, and no unit of that name would start one`;
    return { kind: 'no etcd', about: [host], sentence: `${host}: ${what}${starts}`, next: [] };
  });
  throw new Failure('refused', 'there is no etcd to adopt', {
    parts,
    next: [remedy`name the hosts of the cluster, and by --unit its unit where hosts run several`],
  });
}

/** The one cluster that is meant. Throws a Failure (refused) that names each where there are several, or says why none can be had. */
export function chosenCluster(choice: Choice): AdoptedCluster {
  const { found, unit, again } = choice;
  const meant = unit === undefined ? found : found.filter((one) => unitOf(one) === unit);
  refuseNothing(meant, choice);
  const clusters = clustersOf(meant);
  const withList = clusters.filter(({ members }) => members.length > 0);
  const [one, ...others] = withList.length === 0 ? clusters : withList;
  if (one === undefined || one.members.length === 0) throw nobodyTells(meant);
  if (others.length === 0) return one;

  const all = [one, ...others];
  const isMixed = all.every(({ members }) =>
    members.every((each) => (each.found?.beside ?? 1) < 2),
  );
  throw new Failure('refused', `the hosts belong to ${all.length} clusters`, {
    parts: all.map((cluster) => clusterPart(cluster, isMixed ? undefined : again)),
    next: isMixed ? [remedy`name the hosts of one cluster`] : [],
  });
}

/** The name of an etcd's unit, without its ending. */
export function unitOf({ etcd }: Found): string | undefined {
  return etcd.unit?.name.replace(/\.service$/, '');
}

function clusterPart(
  { clusterId, members }: AdoptedCluster,
  words: readonly string[] | undefined,
): Problem {
  const named = members.map(({ listed, found }) =>
    found === undefined ? listed.name : `${listed.name} on ${found.host}`,
  );
  const unit = members
    .map(({ found }) => found && unitOf(found))
    .find((each) => each !== undefined);
  return {
    kind: 'cluster',
    about: members.map(({ listed }) => listed.name),
    sentence: `cluster ${clusterId}${unit === undefined ? '' : `, unit ${unit}`}: ${named.join(', ')}`,
    next:
      words === undefined || unit === undefined
        ? []
        : [remedy`${provision('adopt', ...words, '--unit', unit)}`],
  };
}

/** Why no cluster can be told: nobody runs, or nobody answers. */
function nobodyTells(found: readonly Found[]): Failure {
  const parts = found.map((one): Problem => {
    const { etcd, host } = one;
    const id = clusterIdOf(one);
    const whose = id === undefined ? '' : `, whose log is of cluster ${id},`;
    const next = [
      remedy`see why: journalctl -u ${etcd.unit?.name ?? 'etcd.service'} -n 50 on ${host}`,
    ];
    if (etcd.process === undefined)
      return {
        ...{ kind: 'not running', about: [host], next },
        sentence: `${host}: ${etcd.unit?.name ?? 'etcd'}${whose} does not run`,
      };
    const changed = otherProtocol(one);
    if (changed !== undefined) return ofOtherProtocol(host, whose, changed);
    const why =
      etcd.program.etcdctl === undefined
        ? 'there is no etcdctl on the host to ask it with'
        : (etcd.told.complaint ?? 'it does not answer');
    return {
      ...{ kind: 'silent', about: [host], next },
      sentence: `${host}: etcd${whose} could not be asked for its members: ${why}`,
    };
  });
  return new Failure('refused', 'no member tells who belongs to the cluster', { parts, next: [] });
}

interface ChangedProtocol {
  readonly known: string;
  readonly to: string;
}

/** Where somebody changed the protocol in the files of a cluster that lives on in the other one. */
function otherProtocol({ etcd }: Found): ChangedProtocol | undefined {
  const urls = partedUrls(etcd.running?.settings.get('listen-peer-urls')?.value);
  const [known, ...others] = etcd.look.firstProtocols;
  const [to] = urls.map(({ protocol }) => protocol);
  if (known === undefined || to === undefined || others.length > 0) return undefined;
  return urls.every(({ protocol }) => protocol !== known) ? { known, to } : undefined;
}

function ofOtherProtocol(host: string, whose: string, { known, to }: ChangedProtocol): Problem {
  const accepted = to === 'http' ? ['--accept-plaintext'] : [];
  return {
    ...{ kind: 'other protocol', about: [host] },
    sentence: `${host}: etcd${whose} is told to speak ${to} with its peers, and its log knows them by ${known}: members do not reach each other`,
    next: [
      remedy`have the settings on all hosts say ${known} again, for peers and clients, and restart them together: the data is whole; then adopt, and go to ${to} by ${provision('migrate', INVENTORY, '--to', to, ...accepted)}`,
    ],
  };
}
