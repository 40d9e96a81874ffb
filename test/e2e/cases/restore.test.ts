import { readFile, writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { cutPower, freeze, mountSmallDisk, restorePower, thaw } from '../../../src/lab/faults.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import type { Outcome } from '../../../src/lab/local-command.ts';
import { sh } from '../../../src/shell/command.ts';
import { type Cluster, describeCluster, endpoints, purge } from '../lab/cluster.ts';
import { bare, flipped } from '../lab/damage.ts';
import { useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { doInside } from '../lab/sabotage.ts';
import { fill } from '../lab/snapshot-lab.ts';
import { type Contents, contents, watchFrom } from '../observer/contents.ts';
import { kvClient } from '../observer/kv-client.ts';
import { refusal, traces } from '../observer/probe.ts';
import { said } from '../observer/seen.ts';
import { everything, extent } from './extent.ts';

const DONE = /^ {2}\S+: (?!wait |answer|still answer).* \(\d+\.\d s\)$/;
const lab = useLab({ count: 3 });

let cluster: Cluster;
/** A snapshot of the cluster, and what was in the cluster then. */
let snapshot: string;
let truth: Contents;

test.serial.before('a cluster, its snapshot, and what was written later', async (t) => {
  t.timeout(600_000);
  cluster = await describeCluster(lab.current);
  ok(t, await lab.current.provision(['up', cluster.inventory, '--yes']));
  await fill(cluster, 'key', 100);
  truth = await contents(endpoint(0));
  snapshot = await save(t);
});

test.serial(
  'restore: is refused before anything is touched, whatever is wrong with the file',
  async (t) => {
    const before = await Promise.all(lab.current.hosts.map((one) => traces(one)));
    const bytes = await readFile(snapshot);
    const record = JSON.parse(await readFile(`${snapshot}.json`, 'utf8'));
    const file = async (name: string, content: Buffer, changes?: object): Promise<string> => {
      const path = await lab.current.inventory(`${name}.db`, '');
      await writeFile(path, content);
      if (changes !== undefined)
        await writeFile(`${path}.json`, JSON.stringify({ ...record, ...changes }));
      return path;
    };
    const small = await describeCluster(lab.current, {
      etcd: { settings: { 'quota-backend-bytes': 8192 } },
    });
    const smallInventory = await lab.current.inventory(
      'small.yaml',
      await readFile(small.inventory, 'utf8'),
    );
    await describeCluster(lab.current);
    const refuses = async (
      from: string,
      code: number,
      why: RegExp,
      inventory = cluster.inventory,
    ) => {
      const { exitCode, stderr } = await lab.current.provision(restoring(from, inventory));
      t.is(exitCode, code, stderr);
      t.regex(stderr, why);
      t.regex(stderr, /^ {2}next: /m);
      t.notRegex(stderr, /\n\s+at /);
    };
    await refuses(
      await file('foreign', bytes, { cluster: 'another' }),
      3,
      /is a snapshot of the cluster another/,
    );
    await refuses(
      await file('newer', bytes, { etcd: '3.6.14' }),
      3,
      /was taken from etcd 3\.6\.14/,
    );
    await refuses(snapshot, 3, /the quota is 1 MiB/, smallInventory);
    await refuses(await file('flipped', flipped(bytes)), 1, /its checksum does not fit/);
    await refuses(await file('cut', bytes.subarray(0, 9000)), 1, /it was cut short/);
    await refuses(await file('bare', bare(bytes)), 3, /it has no checksum/);
    await refuses(
      await file('exchanged', bytes, { sha256: '0'.repeat(64) }),
      1,
      /not the file its record describes/,
    );
    t.deepEqual(await Promise.all(lab.current.hosts.map((one) => traces(one))), before);
  },
);

test.serial(
  'restore: the same members hold what the snapshot held; the former data lies beside, and a member that comes back with it stays outside',
  async (t) => {
    const former = await later();
    ok(t, await restore());
    await holds(t, truth);
    t.not((await contents(endpoint(0))).clusterId, former.clusterId);
    const revisions = await all(
      `/opt/etcd/etcd/etcdutl snapshot status /var/lib/etcd.aside-*/member/snap/db -w json | sed 's/.*"revision":\\([0-9]*\\).*/\\1/'`,
    );
    t.deepEqual(
      revisions,
      revisions.map(() => String(former.revision)),
    );
    await isClean(t);
    t.is(
      await said(host(0), 'stat -c "%a %U" /var/lib/etcd; find /var/lib/etcd ! -user etcd'),
      '700 etcd',
    );
    const plan = await lab.current.provision(['plan', cluster.inventory, '--exit-code']);
    t.is(plan.exitCode, 0, plan.stdout);

    // One of them comes back with what it was before, as from a disk that was put back.
    const old = host(2);
    const before = await contents(endpoint(0));
    await doInside(
      old,
      sh`cd /var/lib; systemctl stop etcd; mv etcd etcd.new; mkdir -m 700 etcd; cp -a etcd.aside-*/member etcd/; chown etcd: etcd
cp /etc/etcd/etcd.conf /root/conf; cp -p etcd.aside-*/provision/conf /etc/etcd/etcd.conf; systemctl start --no-block etcd`,
    );
    await until(async () =>
      /cluster ID mismatch/.test(await said(old, 'journalctl -u etcd -n 50 -o cat')),
    );
    t.not(await refusal(endpoint(2)), undefined);
    t.like(await contents(endpoint(0)), { ...before });
    const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
    t.is(up.exitCode, 3, up.stdout);
    t.regex(up.stderr, new RegExp(`belong to different clusters: .*${old.name} has`));
    const doctor = await lab.current.provision(['doctor', cluster.inventory]);
    t.regex(doctor.stdout, /different clusters/);
    await doInside(
      old,
      sh`cd /var/lib; systemctl stop etcd; rm -rf etcd; mv etcd.new etcd; cp /root/conf /etc/etcd/etcd.conf; systemctl start etcd`,
    );
    await holds(t, before);
  },
);

const MOMENTS = Array.from({ length: 40 }, (_, at) => at + 1);
// Half of the data exchanged; half of the members started.
for (const steps of everything ? MOMENTS : [22, 29]) {
  test.serial(
    `restore: killed after ${steps} steps, it is finished by the same command or undone`,
    async (t) => {
      const former = await later();
      const run = await startOperator(restoring(snapshot));
      let seen = 0;
      run.process.stdout?.on('data', (chunk: Buffer) => {
        seen += String(chunk)
          .split('\n')
          .filter((line) => DONE.test(line)).length;
        if (seen >= steps) run.kill('SIGKILL');
      });
      const { signal } = await run.ended;
      t.log(`killed after ${seen}: ${run.said().trimEnd().split('\n').at(-1)}`);
      if (signal === null) return t.pass('it was over before');
      // At the very beginning and the very end no host knows of a restore: there is one cluster, whole.
      const records = (
        await all('cat /var/lib/provision/restore-etcd.service.json 2>/dev/null')
      ).filter((found) => found !== '').length;
      const isOnHosts = records > 0;
      const status = await lab.current.provision(['status', cluster.inventory]);
      t.is(/a restore begun \d+T\d+Z by \S+ is not finished/.test(status.stdout), isOnHosts);
      if (isOnHosts && steps % 2 === 1) {
        // As an earlier version of this program left it.
        await all('cd /var/lib/provision; mv restore-etcd.service.json restore-proof.json');
        const told = await lab.current.provision(['status', cluster.inventory]);
        t.regex(told.stdout, /a restore begun \d+T\d+Z by \S+ is not finished/);
      }
      if (isOnHosts) {
        // Whatever up did, an undo would take back; and it would start one cluster or the other without a word.
        const pids = await all('systemctl show etcd --property=MainPID,ActiveState');
        // Once most members have the restored data, it is said what going back gives up.
        const ways =
          /next: ((?:finish it|most members have nothing of it).*)$/m.exec(status.stdout)?.[1] ??
          'no way out';
        const undo = `provision restore ${cluster.inventory} --undo; nothing else before that`;
        t.is(
          ways.replace('all that was written since may be lost', 'it is no longer wanted'),
          records < 2
            ? `most members have nothing of it, so take back the rest: ${undo}`
            : `finish it: provision restore ${cluster.inventory} --from ${snapshot}; only if it is no longer wanted, go back instead: ${undo}`,
        );
        for (const words of [
          ['up', '--yes'],
          ['plan', '--wipe'],
        ]) {
          const [command = '', ...flags] = words;
          const beside = await lab.current.provision([command, cluster.inventory, ...flags]);
          t.is(beside.exitCode, 3, `${command}: ${beside.stdout}${beside.stderr}`);
          t.true(beside.stderr.includes(`\n  next: ${ways}\n`), beside.stderr);
        }
        t.true(status.stdout.includes(`is not finished; next: ${ways}\n`), status.stdout);
        t.deepEqual(await all('systemctl show etcd --property=MainPID,ActiveState'), pids);
      }
      if (seen > 6 && seen < 34) t.true(isOnHosts);

      if (!isOnHosts) {
        const { hash } = await contents(endpoint(0));
        t.true([former.hash, truth.hash].includes(hash));
        const idle = await restore('--undo');
        t.is(idle.exitCode, 3);
        t.is(
          idle.stderr.replaceAll(/^(?: {2}log|warning|note): .*\n/gm, ''),
          `error: proof: nothing to undo: no restore is unfinished\n  next: provision snapshot list ${cluster.inventory} shows what can be restored\n`,
        );
      } else if (steps % 2 === 0) {
        const undone = await restore('--undo');
        ok(t, undone);
        await holds(t, former);
        t.is((await contents(endpoint(0))).clusterId, former.clusterId);
      }
      ok(t, await restore());
      await holds(t, truth);
      await isClean(t);
    },
  );
}

test.serial(
  'restore: a host that dies before the members stop leaves the former cluster whole; a rerun finishes',
  async (t) => {
    const former = await later();
    const dying = host(1);
    const run = await startOperator(restoring(snapshot));
    await run.says(/bring the snapshot to/);
    await cutPower(dying);
    const { exitCode, stderr } = await run.ended;
    t.not(exitCode, 0);
    t.regex(stderr, new RegExp(dying.name));
    t.notRegex(stderr, /\n\s+at /);
    const survivor = await contents(endpoint(0));
    t.true([former.hash, truth.hash].includes(survivor.hash));
    await restorePower(dying);
    ok(t, await restore('--from', snapshot, '--lock-wait', '60'));
    await holds(t, truth);
  },
);

test.serial(
  'restore --undo: nothing is called over while the host that may still know of it cannot be asked',
  async (t) => {
    const last = host(2);
    await cutPower(last);
    const beside = await restore('--undo');
    t.is(beside.exitCode, 4, beside.stdout + beside.stderr);
    t.true(
      beside.stderr.includes(
        `error: proof: no restore is unfinished on the hosts that answer, and ${last.name} cannot be asked`,
      ),
      beside.stderr,
    );
    t.true(beside.stderr.includes(`next: bring back the way to ${last.name}, then run the same`));
    await restorePower(last);
    const whole = await restore('--undo');
    t.is(whole.exitCode, 3, whole.stdout + whole.stderr);
    t.regex(whole.stderr, /nothing to undo: no restore is unfinished$/m);
  },
);

test.serial(
  'restore --undo: the others serve again while one host cannot be asked, and it is not over before that one is back',
  async (t) => {
    const former = await later();
    const last = host(2);
    const run = await startOperator(restoring(snapshot));
    await run.says(/stop etcd\.service \(\d/);
    run.kill('SIGKILL');
    await run.ended;
    await cutPower(last);
    const half = await restore('--undo', '--lock-wait', '60');
    t.is(half.exitCode, 1, half.stdout + half.stderr);
    t.true(
      half.stderr.includes(
        `the restore is taken back on the hosts that answer; ${last.name} could not be asked, and may still have what it changed`,
      ),
      half.stderr,
    );
    t.is((await contents(endpoint(0))).hash, former.hash);
    await restorePower(last);
    ok(t, await restore('--undo', '--lock-wait', '60'));
    await holds(t, former);
    await isClean(t);
  },
);

test.serial(
  'restore: a host that freezes while data is exchanged leaves one cluster or the other whole; a rerun finishes',
  async (t) => {
    const former = await later();
    const freezing = host(0);
    const run = await startOperator([...restoring(snapshot), '--timeout', '15']);
    await run.says(/^move the former data aside/m);
    await freeze(freezing);
    const { exitCode, stderr } = await run.ended;
    t.is(exitCode, 1);
    t.regex(stderr, new RegExp(freezing.name));
    t.log(stderr);
    await thaw(freezing);
    const found = await contents(endpoint(1));
    t.true([former.hash, truth.hash].includes(found.hash));
    ok(t, await restore('--from', snapshot, '--lock-wait', '60'));
    await holds(t, truth, 3);
    await isClean(t);
  },
);

test.serial('restore: a full disk on one host stops it before any member is stopped', async (t) => {
  const former = await later();
  const runs = await all('systemctl show etcd --property=InvocationID');
  await mountSmallDisk(host(1), '/var/lib/etcd.restoring', 64);
  const { exitCode, stderr } = await restore();
  t.is(exitCode, 1);
  t.regex(stderr, new RegExp(`${host(1).name}: no space in /var/lib/etcd.restoring`));
  t.regex(stderr, /the cluster is what it was/);
  t.deepEqual(await all('systemctl show etcd --property=InvocationID'), runs);
  await holds(t, former, 3);
  await doInside(host(1), sh`umount /var/lib/etcd.restoring`);
  ok(t, await restore());
  await holds(t, truth);
  await isClean(t);
});

test.serial(
  'restore: one host that cannot be put back keeps no other from it, and is finished by what is printed',
  async (t) => {
    const former = await later();
    const run = await startOperator(restoring(snapshot));
    await run.says(/restore it in/);
    const stuck = host(1);
    await doInside(stuck, sh`mount --bind /etc/etcd /etc/etcd; mount -o remount,ro,bind /etc/etcd`);
    const { exitCode, stderr } = await run.ended;
    t.is(exitCode, 1, stderr);
    t.regex(
      stderr,
      new RegExp(
        `^error: proof: what the restore changed on ${stuck.name} is not put back yet`,
        'm',
      ),
    );
    for (const at of [0, 2]) {
      const found = await contents(endpoint(at));
      t.is(found.clusterId, former.clusterId);
      t.is(found.hash, former.hash);
    }
    const [, next = 'nothing'] = /^ {2}next: .*: provision (.*)$/m.exec(stderr) ?? [];
    t.is(next, `restore ${cluster.inventory} --undo`);
    await doInside(stuck, sh`umount /etc/etcd`);
    ok(t, await lab.current.provision([...next.split(' '), '--yes-restore', 'proof']));
    await holds(t, former, 3);
    await isClean(t);
  },
);

for (const serves of extent([true, false], 1)) {
  test.serial(
    `restore --from-member: with two of three gone, from one that ${serves ? 'still runs' : 'is down'}`,
    async (t) => {
      const former = await later();
      for (const gone of [host(1), host(2)])
        await doInside(gone, sh`systemctl stop etcd; rm -rf /var/lib/etcd`);
      if (!serves) await doInside(host(0), sh`systemctl stop etcd`);
      ok(
        t,
        await lab.current.provision([
          ...[
            'restore',
            cluster.inventory,
            '--from-member',
            host(0).name,
            '--yes-restore',
            'proof',
          ],
        ]),
      );
      await holds(t, former);
      await isClean(t);
    },
  );
}

test.serial(
  'restore: to one member over http, back to three over https with the revision moved on',
  async (t) => {
    const former = await later();
    const lone = await describeCluster(lab.current, {
      members: 1,
      protocol: 'http',
      name: 'proof',
    });
    const loneInventory = await lab.current.inventory(
      'lone.yaml',
      await readFile(lone.inventory, 'utf8'),
    );
    const loneCluster = { ...lone, inventory: loneInventory };
    await describeCluster(lab.current);

    const shrunk = await lab.current.provision(restoring(snapshot, loneInventory));
    ok(t, shrunk);
    t.regex(
      shrunk.stderr,
      new RegExp(
        `warning: .*${host(1).name}.*${host(2).name}.* of the former cluster and go on taking writes.* systemctl disable --now etcd on `,
      ),
    );
    const [alone] = endpoints(loneCluster);
    if (alone === undefined) return t.fail();
    t.like(await contents(alone), { revision: truth.revision, keys: truth.keys, hash: truth.hash });
    // The others have quorum without it, and not a word of theirs gets in.
    const client = kvClient(endpoint(1));
    await client.put('stranger', 'x', 10_000);
    client.close();
    t.is((await contents(alone)).hash, truth.hash);

    const own = kvClient(alone);
    await own.put('alone', 'x', 10_000);
    own.close();
    const alonesContents = await contents(alone);
    const saved = await lab.current.provision(['snapshot', 'save', loneInventory, '--json']);
    ok(t, saved);
    const { path } = JSON.parse(saved.stdout);
    ok(t, await lab.current.provision([...restoring(path), '--kubernetes']));
    const grown = await Promise.all(endpoints(cluster).map(contents));
    t.deepEqual(
      grown.map(({ keys, revision }) => ({ keys, isMoved: revision >= 1_000_000_000 })),
      grown.map(() => ({ keys: alonesContents.keys, isMoved: true })),
    );
    const seen = Math.max(former.revision, alonesContents.revision);
    const heard = await watchFrom(endpoint(2), seen + 1);
    t.true(heard !== 'watching' && heard.compacted > seen, JSON.stringify(heard));
  },
);

for (const version of extent(['3.4.23', '3.3.25', '3.5.16', '3.6.14'], 1)) {
  test.serial(`restore: etcd ${version}, from save over drill to restore`, async (t) => {
    t.timeout(900_000, 'etcd may have to be compiled');
    const { ensureEtcd } = await import('../../../src/lab/etcd.ts');
    await ensureEtcd(version, t.log);
    await purge(cluster);
    cluster = await describeCluster(lab.current, { version });
    ok(t, await lab.current.provision(['up', cluster.inventory, '--yes']));
    await fill(cluster, version, 100);
    truth = await contents(endpoint(0));
    snapshot = await save(t);
    ok(t, await lab.current.provision(['snapshot', 'drill', cluster.inventory, snapshot]));
    await later();
    ok(t, await restore());
    await holds(t, truth);
    await isClean(t);
    const bumped = await lab.current.provision([...restoring(snapshot), '--kubernetes']);
    if (version === '3.5.16' || version === '3.6.14') {
      ok(t, bumped);
      t.not(await watchFrom(endpoint(1), truth.revision + 1), 'watching');
    } else {
      t.is(bumped.exitCode, 3);
      t.regex(bumped.stderr, /cannot move the revision on/);
    }
  });
}

/** The words of a restore from the file. */
function restoring(from: string, inventory = cluster.inventory): readonly string[] {
  return ['restore', inventory, '--from', from, '--yes-restore', 'proof'];
}

function restore(...words: readonly string[]): Promise<Outcome> {
  const source = words.some((word) => word === '--undo' || word === '--from')
    ? []
    : ['--from', snapshot];
  return lab.current.provision([
    'restore',
    cluster.inventory,
    ...source,
    ...words,
    '--yes-restore',
    'proof',
  ]);
}

let written = 0;

/** Something that the snapshot has not; what the cluster holds then. */
async function later(): Promise<Contents> {
  const client = kvClient(endpoint(0));
  written += 1;
  await client.put('later', String(written), 10_000);
  client.close();
  return contents(endpoint(0));
}

/**
 * Every member holds this, as our own client reads it there. A run that failed may have written provision's own key so
 * many times, to see whether clients are served.
 */
async function holds(
  t: ExecutionContext,
  { revision, keys, hash }: Contents,
  proofs = 0,
): Promise<void> {
  const found = await Promise.all(endpoints(cluster).map(contents));
  t.deepEqual(
    found.map((one) => ({ keys: one.keys, hash: one.hash })),
    found.map(() => ({ keys, hash })),
  );
  const revisions = found.map((one) => one.revision);
  t.true(
    revisions.every((one) => one >= revision && one <= revision + proofs),
    `${revisions.join()} are not ${revision} and up to ${proofs} more`,
  );
  t.is(new Set(found.map(({ clusterId }) => clusterId)).size, 1);
}

/** Nothing of a restore at work is left on the hosts. */
async function isClean(t: ExecutionContext): Promise<void> {
  const half = await all(
    'ls -d /var/lib/etcd.restoring /var/lib/provision/restore-* 2>/dev/null; find /etc /opt /var/lib -name "*provision-new*" -o -name "*.part"',
  );
  t.deepEqual(
    half,
    half.map(() => ''),
  );
}

async function save(t: ExecutionContext): Promise<string> {
  const saved = await lab.current.provision(['snapshot', 'save', cluster.inventory, '--json']);
  ok(t, saved);
  return JSON.parse(saved.stdout).path;
}

function endpoint(at: number) {
  const found = endpoints(cluster)[at];
  if (found === undefined) throw new TypeError(`no member ${at}`);
  return found;
}

function host(at: number): LabHost {
  const found = lab.current.hosts[at];
  if (found === undefined) throw new TypeError(`no host ${at}`);
  return found;
}

function all(script: string): Promise<readonly string[]> {
  return Promise.all(lab.current.hosts.map((one) => said(one, script)));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await condition()); looks += 1) {
    if (looks > 300) throw new Error('it never came to hold');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function ok(t: ExecutionContext, { exitCode, stdout, stderr }: Outcome): void {
  t.is(exitCode, 0, `${stdout.slice(-2000)}\n${stderr}`);
}
