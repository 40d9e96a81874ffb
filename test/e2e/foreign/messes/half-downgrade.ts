import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoint, etcdCall } from '../../observer/kv-client.ts';
import { decode } from '../../observer/wire.ts';
import { type Mess, plainCluster, write } from './mess.ts';

/** etcd was told that it goes back to 3.5, and nobody put the old programs there. */
export const halfDowngrade: Mess = {
  name: 'half-downgrade',
  how: 'a downgrade to 3.5 was enabled, no member was swapped',
  make: async (site) => {
    const { cluster } = await plainCluster(site, '3.6.14');
    const [first] = cluster.clients;
    const written = await write(first, 'kept', 50);
    if (first === undefined) throw new TypeError('three members');
    // VALIDATE is 0, ENABLE is 1.
    for (const action of [0, 1])
      await etcdCall(first, '/etcdserverpb.Maintenance/Downgrade', [
        [1, action],
        [2, '3.5'],
      ]);
    for (const endpoint of cluster.clients) await untilTold(endpoint);
    return { cluster, broken: [], written };
  },
};

/** Waits until the member says of itself that it is to go back. */
async function untilTold(endpoint: Endpoint): Promise<void> {
  let told = '';
  for (let looks = 0; looks < 100; looks++) {
    const status = await etcdCall(endpoint, '/etcdserverpb.Maintenance/Status', []);
    const info = decode(status.bytes(13)[0] ?? Buffer.alloc(0));
    told = `enabled ${info.int(1)}, to ${info.bytes(2)[0]}`;
    if (/^enabled 1, to 3\.5/.test(told)) return;
    await sleep(200);
  }
  throw new Error(`${endpoint.url}: ${told}`);
}
