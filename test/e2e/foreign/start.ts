import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoint, kvClient } from '../observer/kv-client.ts';
import { listedMembers } from '../observer/listed-members.ts';
import type { ForeignCluster, ForeignMember } from './cluster.ts';
import type { Node } from './node.ts';
import { onHost } from './on-host.ts';

/** Enables the unit on all hosts and starts it on all of them together. */
export async function startTogether(
  nodes: readonly Pick<Node, 'host'>[],
  unit = 'etcd',
): Promise<void> {
  await Promise.all(nodes.map(({ host }) => enable(host, unit)));
}

/** Enables the unit and starts it without waiting for it. */
export async function enable(host: ForeignMember['host'], unit = 'etcd'): Promise<void> {
  await onHost(
    host,
    `systemctl daemon-reload && systemctl enable -q ${unit} && systemctl start --no-block ${unit}`,
  );
}

/** Waits until every member answers a linearizable read and lists all by name; throws after 90 s with what they say. */
export async function untilServed(cluster: ForeignCluster): Promise<ForeignCluster> {
  const names = cluster.members
    .map(({ name }) => name)
    .sort()
    .join(' ');
  for (const [at, endpoint] of cluster.clients.entries()) {
    const why = await untilAnswered(endpoint, names);
    if (why === undefined) continue;
    const member = cluster.members[at];
    const journal =
      member?.unit === undefined
        ? ''
        : await onHost(member.host, `journalctl --no-pager -n 30 -o cat -u ${member.unit}`);
    throw new Error(`${cluster.name}: ${endpoint.url} does not serve: ${why}\n${journal}`);
  }
  return cluster;
}

async function untilAnswered(endpoint: Endpoint, names: string): Promise<string | undefined> {
  let why = 'no answer';
  for (let looks = 0; looks < 450; looks++) {
    try {
      await read(endpoint);
      const listed = (await listedMembers(endpoint))
        .map(({ name }) => name)
        .sort()
        .join(' ');
      if (listed === names) return undefined;
      why = `it lists ${listed}`;
    } catch (error) {
      why = String(error);
    }
    await sleep(200);
  }
  return why;
}

async function read(endpoint: Endpoint): Promise<void> {
  const client = kvClient(endpoint);
  try {
    await client.range('any', '', 1, 2000);
  } finally {
    client.close();
  }
}
