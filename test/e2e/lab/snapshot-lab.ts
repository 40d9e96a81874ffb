import { join } from 'node:path';
import { etcdPaths } from '../../../src/lab/etcd.ts';
import { run } from '../../../src/lab/local-command.ts';
import { kvClient } from '../observer/kv-client.ts';
import { type Cluster, endpoints } from './cluster.ts';

/** Writes so many keys through the members in turn; the second half of them twice. */
export async function fill(cluster: Cluster, prefix: string, count: number): Promise<void> {
  const clients = endpoints(cluster).map(kvClient);
  const put = (index: number, value: string) =>
    clients[index % clients.length]?.put(`${prefix}/${index}`, value, 10_000);
  try {
    for (let index = 0; index < count; index += 1) await put(index, `first ${index}`);
    for (let index = count >> 1; index < count; index += 1) await put(index, `second ${index}`);
  } finally {
    for (const client of clients) client.close();
  }
}

/** What etcd's own tool of this version says of a file on this machine, without the product. */
export async function toolSays(
  version: string,
  file: string,
): Promise<{ readonly revision: number; readonly totalSize: number }> {
  const tool = join(etcdPaths(version).programs, version < '3.5' ? 'etcdctl' : 'etcdutl');
  const options = { env: { ...process.env, ETCDCTL_API: '3' } };
  const { stdout } = await run(tool, ['snapshot', 'status', file, '-w', 'json'], options);
  return JSON.parse(stdout);
}
