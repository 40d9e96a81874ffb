import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { inside } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import {
  bothWays,
  failed,
  finishAnyway,
  identity,
  ok,
  STAGE_PORT,
  to,
  whole,
} from '../lab/migration.ts';
import { type ProtocolCluster, protocolCluster } from '../lab/protocol-cluster.ts';
import { doInside } from '../lab/sabotage.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { unitRun } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

async function overHttp(t: ExecutionContext, count = 3): Promise<ProtocolCluster> {
  const cluster = await protocolCluster(lab.current, { etcd: '3.5.30', count });
  t.teardown(cluster.purge);
  ok(t, await lab.current.provision(['up', cluster.inventory.http, '--yes']));
  return cluster;
}

/** What shows a restart of any member. */
function runs(count = 3): Promise<readonly string[]> {
  return Promise.all(lab.current.hosts.slice(0, count).map((host) => unitRun(host)));
}

/** etcdctl on the first host, against its own http endpoint. */
async function etcdctl(...words: readonly string[]): Promise<string> {
  const [host] = lab.current.hosts;
  if (host === undefined) throw new Error('a lab has a first host');
  for (let attempt = 1; ; attempt += 1) {
    const { exitCode, stdout, stderr } = await inside(
      host,
      sh`ETCDCTL_API=3 /opt/etcd/etcd/etcdctl --endpoints=http://127.0.0.1:2379 ${words}`,
    );
    if (exitCode === 0) return stdout;
    // Until members have been connected for five seconds, etcd changes no membership.
    if (attempt === 30 || !stderr.includes('unhealthy cluster')) throw new Error(stderr);
    await sleep(500);
  }
}

test.serial(
  'migrate and up: refuse what they must, name the ways, and touch nothing',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await overHttp(t);
    const { http, https } = cluster.inventory;
    const [, , third] = hosts;
    if (third === undefined) throw new Error('a lab of three has a third host');
    const before = await runs();

    const ways = ['live', 'snapshot'].map((way) => `--via ${way}`);
    failed(t, await provision(['up', https, '--yes']), 3, ...ways);
    failed(
      t,
      await provision(['migrate', http, '--to', 'http', '--yes']),
      3,
      '--accept-plaintext',
      'nothing is encrypted',
    );
    const added = await etcdctl(
      'member',
      'add',
      'late',
      '--learner',
      '--peer-urls=http://198.18.0.1:2380',
    );
    const learner = /Member\s+([0-9a-f]+)/.exec(added)?.[1] ?? '';
    failed(t, await provision(['migrate', https, ...to('https')]), 3, 'is a learner', learner);
    await etcdctl('member', 'remove', learner);
    t.deepEqual(await runs(), before);

    await doInside(third, sh`systemctl kill --signal=SIGSTOP etcd`);
    failed(t, await provision(['migrate', https, ...to('https')]), 3, third.name, 'doctor');
    await doInside(third, sh`systemctl kill --signal=SIGCONT etcd`);
    t.deepEqual(await runs(), before);
  },
);

test.serial(
  'migrate, doctor and snapshot save: members that hold different data are told apart before anything is touched',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await overHttp(t);
    const { http, https } = cluster.inventory;
    const [, second] = hosts;
    if (second === undefined) throw new Error('a lab of three has a second host');
    ok(t, await provision(['doctor', http]));
    await etcdctl('put', 'tampered', 'AAAAAAAAAAAAAAAA');
    // No page of the store has a checksum, so etcd starts with it.
    await doInside(
      second,
      sh`systemctl stop etcd; LC_ALL=C sed -i s/AAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAB/ /var/lib/etcd/member/snap/db; systemctl start etcd`,
    );
    const before = await runs();
    const why = ['hold different data', second.name];
    failed(t, await provision(['migrate', https, ...to('https')]), 3, ...why);
    failed(t, await provision(['migrate', https, ...to('https'), '--via', 'snapshot']), 3, ...why);
    // Nor does a setting alone restart members that differ.
    const setting = await lab.current.inventory(
      'setting.yaml',
      (await readFile(http, 'utf8')).replace(
        /^etcd:$/m,
        'etcd:\n  settings: { max-request-bytes: 2000000 }',
      ),
    );
    failed(t, await provision(['plan', setting]), 3, ...why, 'snapshot save');
    failed(t, await provision(['up', setting, '--yes']), 3, ...why, 'snapshot save');
    const doctor = await provision(['doctor', http]);
    t.is(doctor.exitCode, 1);
    t.regex(doctor.stdout, new RegExp(`hold different data .*${second.name}`));
    const saved = await provision(['snapshot', 'save', http, '--json']);
    ok(t, saved);
    t.regex(saved.stderr, new RegExp(`warning: .*hold different data .*${second.name}`));
    t.not(JSON.parse(saved.stdout).member, second.name);
    t.deepEqual(await runs(), before);

    const [, , third] = hosts;
    if (third === undefined) throw new Error('a lab of three has a third host');
    await doInside(third, sh`systemctl stop etcd`);
    await doInside(second, sh`systemctl is-active etcd`);
    failed(
      t,
      await provision(['snapshot', 'save', http]),
      3,
      'hold different data',
      '--member NAME',
    );
    const named = ['snapshot', 'save', http, '--member', second.name, '--json'];
    t.is(JSON.parse((await provision(named)).stdout).member, second.name);
  },
);

test.serial(
  'migrate --allow-downtime: a cluster of two is refused without it; with it the stall is told and nothing is lost',
  async (t) => {
    t.timeout(600_000);
    const { provision } = lab.current;
    const cluster = await overHttp(t, 2);
    const { https } = cluster.inventory;
    const before = await runs(2);
    failed(t, await provision(['migrate', https, ...to('https')]), 3, '--allow-downtime');
    t.deepEqual(await runs(2), before);

    const ids = await identity(cluster.endpoints('http'));
    const observer = observe(cluster.endpoints('http'));
    const switched = await provision(['migrate', https, ...to('https'), '--allow-downtime']);
    ok(t, switched);
    const seen = await observer.stop();
    whole(t, seen);
    t.deepEqual(await identity(cluster.endpoints('https', STAGE_PORT)), ids);
    const told = /no writes were taken while a member restarted: 4 times, ([\d.]+) s at most/.exec(
      switched.stdout,
    );
    t.log(`told ${told?.[1]} s, seen ${seen.longestStall.milliseconds} ms`);
    t.true(Number(told?.[1]) > 0, switched.stdout.slice(-1000));
  },
);

test.serial(
  'etcd.conf changed to https by hand: plan, up, status and doctor name it with its ways, and each way out keeps the data',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await overHttp(t);
    const { http, https } = cluster.inventory;
    const before = await identity(cluster.endpoints('http'));
    // Certificates come to the hosts by a switch that went there and back.
    ok(t, await provision(['migrate', https, ...to('https'), '--no-snapshot']));
    ok(t, await provision(['migrate', http, ...to('http'), '--finish', '--no-snapshot']));
    const observer = observe(bothWays(cluster));

    const byHand = async () => {
      await Promise.all(
        hosts.map((host) =>
          doInside(
            host,
            sh`cd /etc/etcd; sed -i s,http://,https://,g etcd.conf
for plane in '' PEER_; do
  [ -z "$plane" ] && { leaf=server; ca=ca; } || { leaf=peer; ca=peer-ca; }
  printf 'ETCD_%sCERT_FILE="/etc/etcd/pki/%s.crt"\nETCD_%sKEY_FILE="/etc/etcd/pki/%s.key"\nETCD_%sTRUSTED_CA_FILE="/etc/etcd/pki/%s.crt"\nETCD_%sCLIENT_CERT_AUTH="true"\n' "$plane" $leaf "$plane" $leaf "$plane" $ca "$plane" >> etcd.conf
done
systemctl stop etcd`,
          ),
        ),
      );
      await Promise.all(hosts.map((host) => doInside(host, sh`systemctl start --no-block etcd`)));
      // The peer port answers before there is any quorum.
      for (const endpoint of cluster.endpoints('http')) t.not(await refusal(endpoint), undefined);
    };

    await byHand();
    const ways = ['live', 'snapshot'].map((way) => `--via ${way}`);
    for (const command of [
      ['plan', https],
      ['up', https, '--yes'],
    ])
      failed(t, await provision(command), 3, 'the membership of', ...ways);
    for (const command of ['status', 'doctor']) {
      const { stdout } = await provision([command, https]);
      for (const word of ['http is still in the membership of', ...ways])
        t.true(stdout.includes(word), stdout);
    }
    const { stdout } = await provision(['status', http]);
    t.true(stdout.includes('the configuration was changed alone'), stdout);

    ok(t, await provision(['up', http, '--yes']));
    t.deepEqual(await identity(cluster.endpoints('http')), before);

    await byHand();
    ok(t, await provision(['migrate', https, ...to('https')]));
    ok(t, await provision(['migrate', https, ...to('https'), ...finishAnyway(lab.current)]));
    whole(t, await observer.stop());
    t.deepEqual(await identity(cluster.endpoints('https')), before);
  },
);
