import { copyFile, readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { atClientPorts, certsCluster, keep, none, PAUSED } from '../lab/certs-cluster.ts';
import { useLab } from '../lab/lab.ts';
import { ok, unharmed } from '../lab/migration.ts';
import { observe } from '../observer/observer.ts';
import type { ClientPair } from '../observer/tls-client.ts';

const lab = useLab({ count: 3 });
const REFUSED = 3;

test.serial(
  'certs rotate-ca: stops for a client that is no consumer, names it, puts trust back when it is rejected, and ends when it has followed',
  async (t) => {
    t.timeout(600_000);
    const cluster = await certsCluster(t, lab.current, { etcd: '3.5.16', count: 3 });
    const { run, hosts, store, inventory } = cluster;
    ok(t, await run('up'));
    const app = await cluster.issued(t, 'app');
    const old = await keep(t, app);
    const formerCa = `${old.certFile}.ca`;
    await copyFile(join(store, 'ca.crt'), formerCa);
    const here = hosts[0]?.address.replace(/\d+$/, '1') ?? '';

    // Of the client's connections the observer must not count: it is named by its address alone.
    const first = client(hosts[1]?.address ?? '', formerCa, old, true);
    t.teardown(first.end);
    const half = await run('certs', 'rotate-ca', '--window', '2');
    t.is(half.exitCode, PAUSED, half.stderr);
    t.true(half.stdout.includes(`${here} at ${hosts[1]?.name}: 1 connection from before`));
    t.regex(half.stdout, /app: serial [0-9a-f]+, issued \S+ to \S+app\.crt/);
    t.deepEqual(await cluster.serials(), await cluster.stored());
    const runs = await cluster.runs();
    t.like(JSON.parse((await run('up', '--json')).stdout), {
      ...{ changed: false, unfinished: [{ kind: 'rotation-unfinished' }] },
    });
    const beside = await run('up');
    t.regex(
      beside.stdout,
      /nothing to do[\s\S]*note: CA rotation: unfinished[\s\S]*next: .*rotate-ca/,
    );
    const again = await run('certs', 'rotate-ca', '--window', '1', '--json');
    t.is(again.exitCode, PAUSED);
    t.like(JSON.parse(again.stdout), { changed: false, rotation: { stage: 'both', back: false } });
    const status = await lab.current.provision(['status', inventory]);
    t.regex(status.stdout, /CA rotation: unfinished, both CAs are trusted and the new one signs/);

    const refused = await run('certs', 'rotate-ca', '--finish', '--window', '1');
    t.is(refused.exitCode, REFUSED);
    t.true(refused.stderr.includes(`would be cut off: ${here}`));
    t.deepEqual(await cluster.runs(), runs);
    t.is(await first.failures(), 0);
    first.end();

    const second = client(hosts[1]?.address ?? '', join(store, 'trust.pem'), old, false);
    t.teardown(second.end);
    await sleep(1000);
    const rejected = await run('certs', 'rotate-ca', '--finish', '--window', '4');
    t.is(rejected.exitCode, PAUSED, rejected.stdout);
    t.true(rejected.stderr.includes(`${here} shows a certificate of a CA that ${hosts[1]?.name}`));
    t.deepEqual(await cluster.answers(old), atClientPorts(3));
    for (const { root } of hosts)
      t.is((await readFile(join(root, 'etc/etcd/pki/ca.crt'), 'utf8')).split('BEGIN').length, 3);
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
    second.end();

    const renewed = await cluster.issued(t, 'app');
    const third = client(hosts[1]?.address ?? '', join(store, 'trust.pem'), renewed, false);
    t.teardown(third.end);
    const observer = observe(cluster.endpoints);
    await sleep(1000);
    ok(t, await run('certs', 'rotate-ca', '--finish', '--window', '2'));
    unharmed(t, await observer.stop(), 50);
    third.end();
    t.deepEqual(await cluster.answers(old), none(3));
    t.deepEqual(await cluster.answers(renewed), atClientPorts(3));
    const over = JSON.parse((await run('up', '--json')).stdout);
    t.like(over, { changed: false, unfinished: undefined });
  },
);

/** A client that asks one member five times a second, over one connection or over a new one each time. */
function client(host: string, ca: string, pair: ClientPair, isKept: boolean) {
  const agent = new Agent({ keepAlive: isKept, maxSockets: 1 });
  let failed = 0;
  const ask = async () => {
    const [authority, cert, key] = await Promise.all(
      [ca, pair.certFile, pair.keyFile].map((file) => readFile(file)),
    );
    const files = { ca: authority, cert, key };
    const asked = request({ host, port: 2379, path: '/version', agent, ...files }, (answer) => {
      answer.resume();
    });
    asked.on('error', () => {
      failed += 1;
    });
    asked.end();
  };
  const timer = setInterval(ask, 200);
  return {
    /** Requests that fail within a second from now. */
    failures: async () => {
      failed = 0;
      await sleep(1000);
      return failed;
    },
    end: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
