import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { builtMess } from '../foreign/built.ts';
import { MESSES } from '../foreign/messes.ts';
import { onHost } from '../foreign/on-host.ts';
import { betweenLeaders } from '../observer/between-leaders.ts';
import { kvClient } from '../observer/kv-client.ts';
import { extent } from './extent.ts';

for (const mess of extent(MESSES, 2))
  test.serial(`${mess.name}: ${mess.how}`, async (t) => {
    t.timeout(600_000);
    const { cluster, broken, written } = await builtMess(t, mess);
    for (const [at, { host, name }] of cluster.members.entries()) {
      const endpoint = cluster.clients[at];
      if (endpoint === undefined) throw new TypeError('a client for each member');
      if (broken.includes(name)) {
        const says = mess.says ?? /^/;
        t.regex(await journal(host, says), says);
        continue;
      }
      const client = kvClient(endpoint);
      try {
        const found = await betweenLeaders(() => client.range('\0', '\0', 2000, 10_000));
        t.deepEqual(found, written);
      } finally {
        client.close();
      }
    }
  });

/** What the unit said so far, once it has said that; what it said by then after a minute. */
async function journal(host: Parameters<typeof onHost>[0], wanted: RegExp): Promise<string> {
  for (let looks = 1; ; looks++) {
    const said = await onHost(host, 'journalctl --no-pager -n 400 -o cat -u etcd');
    if (looks === 60 || wanted.test(said)) return said;
    await sleep(1000);
  }
}
