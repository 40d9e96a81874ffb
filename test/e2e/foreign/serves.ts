import type { ExecutionContext } from 'ava';
import { betweenLeaders } from '../observer/between-leaders.ts';
import { kvClient } from '../observer/kv-client.ts';
import { listedMembers } from '../observer/listed-members.ts';
import type { ForeignCluster, ForeignMember } from './cluster.ts';
import { onHost } from './on-host.ts';

/** The cluster takes a write at each member and reads it at every other one, lists all, and lies where it is said to lie. */
export async function serves(t: ExecutionContext, cluster: ForeignCluster): Promise<void> {
  const { clients, members, name } = cluster;
  const expected = members
    .map(({ name, peerUrl, clientUrls }) => ({ name, peerUrls: [peerUrl], clientUrls }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const [at, endpoint] of clients.entries()) {
    const client = kvClient(endpoint);
    try {
      await betweenLeaders(() => client.put(`${name}/${at}`, endpoint.url, 5000));
    } finally {
      client.close();
    }
  }
  for (const endpoint of clients) {
    const client = kvClient(endpoint);
    try {
      const found = await betweenLeaders(() => client.range(`${name}/`, `${name}0`, 10, 5000));
      t.deepEqual(
        found.map(({ value }) => value),
        clients.map(({ url }) => url),
      );
    } finally {
      client.close();
    }
    const listed = (await listedMembers(endpoint)).map(({ id, ...rest }) => rest);
    t.deepEqual(
      listed.sort((one, other) => (one.name < other.name ? -1 : 1)),
      expected,
    );
  }
  for (const member of members) await liesThere(t, cluster, member);
}

/** Process, files and account are those that the data names. */
async function liesThere(
  t: ExecutionContext,
  { version }: ForeignCluster,
  { host, unit, files, program, account, data, wal, client, peer }: ForeignMember,
): Promise<void> {
  const log = wal ?? `${data.replace(/\/$/, '')}/member/wal`;
  const paths = [...files, ...Object.values({ ...client }), ...Object.values({ ...peer })];
  for (const path of [...paths, program, `${data}/member/snap/db`])
    await onHost(host, `test -f '${path}'`);
  await onHost(host, `ls '${log}'/*.wal`);
  t.true((await onHost(host, `${program} --version`)).startsWith(`etcd Version: ${version}\n`));
  if (unit === undefined) return;
  const pid = await onHost(host, `systemctl show -p MainPID --value ${unit}`);
  t.is(await onHost(host, `stat -c %U /proc/${pid}`), account);
  t.is(await onHost(host, `readlink /proc/${pid}/exe`), program);
  t.is(await onHost(host, `systemctl is-enabled ${unit}`), 'enabled');
}
