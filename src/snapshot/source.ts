import { ownEtcd } from '../desired/access.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import type { EndpointStatus } from '../etcd/answers.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import { askEtcd } from '../facts/etcd/etcd.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { compareVoters } from './agree.ts';
import { type Candidate, chooseSource, corruptMembers } from './choose.ts';
import { askLack, noSnapshot } from './needs-user.ts';

/** The member a snapshot is taken from. */
export interface Source {
  readonly host: Host;
  readonly status: EndpointStatus;
  readonly because: string;
  /** Whether it answers a linearizable read: else it may lack what the cluster has acknowledged. */
  readonly hasQuorum: boolean;
  /** What the members' data, compared, says against them. */
  readonly trouble?: string | undefined;
}

type Cluster = Pick<DesiredCluster, 'name' | 'version' | 'unit' | 'paths'>;

/**
 * Asks every host that is connected and chooses who gives the snapshot, by their data too if that is to be compared; or
 * takes the member that was named, quorum or not. Throws a Failure that says why each member cannot.
 */
export async function findSource(
  cluster: Cluster,
  hosts: ReadonlyMap<string, Host>,
  { named, compared }: { readonly named: string | undefined; readonly compared: boolean },
): Promise<Source> {
  const asked = [...hosts.values()].filter(({ name }) => named === undefined || name === named);
  if (asked.length === 0) {
    throw new Failure('usage', `there is no member ${named ?? ''} that could be reached`, {
      next: [remedy`members that answer: ${[...hosts.keys()].join(', ')}`],
    });
  }
  const candidates = await Promise.all(asked.map((host) => ask(host, cluster)));
  const only = candidates[0];
  if (named !== undefined && only?.etcd.status !== undefined) return takeNamed(hosts, only);

  const agreed = compared ? await compareVoters(cluster, hosts, candidates) : undefined;
  if (agreed?.isMost === false) {
    throw new Failure('refused', `${cluster.name}: ${agreed.trouble}`, {
      next: [
        remedy`no hash is that of most, so nobody but you can say who is right: ${provision('snapshot', 'save', INVENTORY, '--member', 'NAME')}`,
      ],
    });
  }
  if (candidates.every(({ etcd }) => etcd.status === undefined)) {
    const denied = await firstLack(cluster, asked, candidates);
    if (denied !== undefined) throw denied;
  }
  const choice = chooseSource(candidates, agreed?.differing);
  const status = choice.source?.etcd.status;
  const host = hosts.get(choice.source?.name ?? '');
  if (choice.source !== undefined && status !== undefined && host !== undefined) {
    return { host, status, because: choice.because, hasQuorum: true, trouble: agreed?.trouble };
  }
  const reasons = choice.source === undefined ? choice.reasons : [];
  throw new Failure(
    'refused',
    `${cluster.name}: no member can give a snapshot: ${reasons.join('; ')}`,
    {
      next: [
        remedy`${provision('doctor', INVENTORY)} says why, and what leads on`,
        remedy`save what one member has: ${provision('snapshot', 'save', INVENTORY, '--member', 'NAME')}`,
      ],
    },
  );
}

/** Late patches of etcd tell their status to users only: then nobody seems to answer. */
async function firstLack(
  cluster: Cluster,
  hosts: readonly Host[],
  candidates: readonly Candidate[],
): Promise<Failure | undefined> {
  const asking = candidates.find(({ etcd }) => etcd.asksForUser);
  const host = hosts.find(({ name }) => name === asking?.name);
  const lack = host && (await askLack(cluster, host));
  return host && lack && noSnapshot(cluster, host, cluster.version, lack);
}

function takeNamed(hosts: ReadonlyMap<string, Host>, { name, etcd, alarms }: Candidate): Source {
  const { status, healthy } = etcd;
  const host = hosts.get(name);
  if (status === undefined || host === undefined) throw new TypeError(`${name} has no status`);
  const trouble = status.isLearner
    ? 'is a learner: it may lag behind without saying so'
    : corruptMembers(alarms).includes(status.memberId)
      ? 'has a corruption alarm: its snapshot would be corrupt, too'
      : undefined;
  if (trouble !== undefined) {
    throw new Failure('refused', `${name}: ${trouble}`, {
      next: [remedy`name a voter with --member`],
    });
  }
  return { host, status, because: 'it was named', hasQuorum: healthy };
}

async function ask(host: Host, cluster: Cluster): Promise<Candidate> {
  const own = ownEtcd(cluster);
  const [etcd, alarms] = await Promise.all([
    askEtcd(host, own),
    host.run(ownEtcdctl(own, ['alarm', 'list']), { deadline: 20 }),
  ]);
  return { name: host.name, etcd, alarms: alarms.stdout };
}
