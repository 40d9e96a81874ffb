import { join } from 'node:path';
import type { LabHost } from '../../../../src/lab/host.ts';
import { must } from '../../../../src/lab/local-command.ts';
import { listedMembers } from '../../observer/listed-members.ts';
import type { ForeignCluster } from '../cluster.ts';
import type { Node } from '../node.ts';
import { onHost } from '../on-host.ts';
import { type Mess, plainCluster, write } from './mess.ts';

const VERSION = '3.5.16';
const DATA = '/var/lib/etcd';
const DATABASE = `${DATA}/member/snap/db`;

/** The third host was set up anew from a copy of the first one's disk: two processes with one member id. */
export const copiedDisk: Mess = {
  name: 'copied-disk',
  how: "a member's host was rebuilt from a copy of another one's disk",
  says: /tocommit\(\d+\) is out of range/,
  make: async (site) => {
    const { nodes, cluster } = await plainCluster(site, VERSION);
    const [first, , third] = three(nodes);
    const written = await write(cluster.clients[0], 'kept', 50);
    await stop(third.host);
    await onHost(third.host, `rm -r ${DATA}/member`);
    // A disk is copied with its host off, or the copy is none.
    await stop(first.host);
    await must('copy a disk', 'cp', ['-a', ...[first, third].map(({ host }) => inRoot(host))]);
    await start(first.host);
    await onHost(third.host, 'systemctl start --no-block etcd');
    await untilCalled(third.host, await idOf(cluster, first.name));
    return { cluster, broken: [third.name], written };
  },
};

/** The third host's disk is its own, as it was some time ago: what it had acknowledged since is not there. */
export const oldDisk: Mess = {
  name: 'old-disk',
  how: "a member's disk was set back to an earlier copy of itself",
  says: /tocommit\(\d+\) is out of range/,
  make: async (site) => {
    const { nodes, cluster } = await plainCluster(site, VERSION);
    const [, , third] = three(nodes);
    const early = await write(cluster.clients[0], 'early', 50);
    await stop(third.host);
    await onHost(third.host, `cp -a ${DATA} /root/copy`);
    await start(third.host);
    const late = await write(cluster.clients[2], 'late', 50);
    await stop(third.host);
    await onHost(third.host, `rm -r ${DATA} && cp -a /root/copy ${DATA}`);
    await onHost(third.host, 'systemctl start --no-block etcd');
    return { cluster, broken: [third.name], written: [...early, ...late] };
  },
};

/** The third member's database is older than its log begins, as where a copy of it was put back alone. */
export const oldDatabase: Mess = {
  name: 'old-database',
  how: 'an early copy of the database was put back over a log that goes on from later',
  says: /failed to find database snapshot file/,
  make: async (site) => {
    const { nodes, cluster } = await plainCluster(site, VERSION, ' --snapshot-count 200');
    const [, , third] = three(nodes);
    const early = await write(cluster.clients[0], 'early', 50);
    await stop(third.host);
    await onHost(third.host, `cp -a ${DATABASE} /root/db`);
    await start(third.host);
    const late = await write(cluster.clients[0], 'late', 1000);
    await stop(third.host);
    await onHost(third.host, `cp -a /root/db ${DATABASE}`);
    await onHost(third.host, 'systemctl start --no-block etcd');
    return { cluster, broken: [third.name], written: [...early, ...late] };
  },
};

function three(nodes: readonly Node[]): readonly [Node, Node, Node] {
  const [first, second, third] = nodes;
  if (first === undefined || second === undefined || third === undefined)
    throw new TypeError('three hosts');
  return [first, second, third];
}

/** The id that the list has for a member of this name, in hexadecimal. */
async function idOf({ clients }: ForeignCluster, name: string): Promise<string> {
  const [first] = clients;
  const listed = first === undefined ? [] : await listedMembers(first);
  return listed.find((member) => member.name === name)?.id ?? 'none';
}

/** Waits until the process on the host says that this is its id. */
async function untilCalled(host: LabHost, id: string): Promise<void> {
  const said = `journalctl -u etcd -o cat | grep -q '"local-member-id":"${id}"'`;
  await onHost(host, `for looks in $(seq 300); do ${said} && exit; sleep 0.2; done; exit 1`);
}

const stop = (host: LabHost) => onHost(host, 'systemctl stop etcd');
const start = (host: LabHost) => onHost(host, 'systemctl start etcd');
const inRoot = ({ root }: LabHost) => join(root, `${DATA}/member`);
