import type { DesiredCluster } from '../../desired/cluster.ts';
import { majority } from '../../etcd/quorum.ts';
import type { SeenMember } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { readConf } from '../environment-file.ts';
import { remedies } from '../refusing/remedies.ts';

interface Held {
  readonly name: string;
  readonly id: string;
  readonly found: SeenMember['found'];
}

/** Members of one cluster have logs of one cluster id: which member has which, and who differs from most. */
export function mixedClusters(
  { name: cluster }: Pick<DesiredCluster, 'name'>,
  members: readonly SeenMember[],
): readonly Proposal[] {
  const known = members.flatMap(({ name, found }): readonly Held[] =>
    found.data?.wal === undefined ? [] : [{ name, id: found.data.wal.clusterId, found }],
  );
  const ids = [...new Set(known.map(({ id }) => id))];
  if (ids.length <= 1) return [];
  const most = ids.find(
    (id) => known.filter((one) => one.id === id).length >= majority(known.length),
  );
  const odd = known.filter(({ id }) => id !== most);
  const told = known.map(({ name, id }) => `${name} has ${id}`).join(', ');
  const others = known.filter(({ id }) => id === most).map(({ name }) => name);
  const differs =
    most === undefined
      ? 'no majority has the same'
      : `${odd.map(({ name }) => name).join(', ')} ${odd.length === 1 ? 'differs' : 'differ'} from ${others.join(', ')}`;
  const hints = (most === undefined ? known : odd).flatMap((one) => hintOf(cluster, one));
  return [
    {
      kind: 'mixed-clusters',
      about: (most === undefined ? known : odd).map(({ name }) => name),
      sentence: `the data directories belong to different clusters: ${[told, differs, ...hints].join('; ')}`,
      next: [remedies.seeWhoAnswers()],
    },
  ];
}

/** What a host says of the cluster that its data is of, or was of. */
function hintOf(
  cluster: string,
  { name, id, found: { conf, incarnation } }: Held,
): readonly string[] {
  const written = readConf(conf?.content)?.cluster;
  const recorded = incarnation?.record.clusterId;
  return [
    ...(written === undefined || written === cluster
      ? []
      : [`etcd.conf on ${name} is of cluster ${written}`]),
    ...(recorded === undefined || recorded === id
      ? []
      : [`the log recorded for ${name} was of ${recorded}`]),
  ];
}
