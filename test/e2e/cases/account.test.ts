import test from 'ava';
import { inside } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { nothingWrong } from '../observer/nothing-wrong.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

// One cluster that goes from account to account.
const lab = useLab({ count: 3 });

const runBy = (user: string) => describeCluster(lab.current, { etcd: { user } });

/** Who runs etcd on each host, and whose the data and the keys are. */
const accounts = () =>
  Promise.all(
    lab.current.hosts.map((one) =>
      said(
        one,
        `{ stat -c %U /proc/$(pidof etcd); find /var/lib/etcd/ /etc/etcd/pki/ -name '*.crt' -prune -o -type d -path '/etc*' -prune -o -printf '%u\\n'; stat -c %G /etc/etcd/pki/.; } | sort -u | tr '\\n' ' '`,
      ),
    ),
  );

test.serial('up: another account for a cluster that serves, member by member', async (t) => {
  t.timeout(600_000);
  const { provision } = lab.current;
  const first = await runBy('etcd');
  t.is((await provision(['up', first.inventory, '--yes'])).exitCode, 0);
  // On one host the data lies on another disk, behind a link.
  await inside(
    hostAt(lab.current, 2),
    sh`systemctl stop etcd; mv /var/lib/etcd /srv/etcd && ln -s /srv/etcd /var/lib/etcd; systemctl start etcd`,
  );
  const observer = observe(endpoints(first));
  const since = Date.now();
  const next = await runBy('etcd2');
  const up = await provision(['up', next.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.regex(up.stdout, /it runs as etcd; the inventory says etcd\.user: etcd2/);
  t.deepEqual(await accounts(), ['etcd2', 'etcd2', 'etcd2']);
  t.regex((await provision(['up', next.inventory, '--yes'])).stdout, /nothing to do/);
  await nothingWrong(t, () => provision(['doctor', next.inventory]));
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  await oneAtATime(t, lab.current.hosts, since);
});

test.serial('up: a member that cannot run as the account gets its former one back', async (t) => {
  t.timeout(600_000);
  const { hosts, provision } = lab.current;
  const next = await runBy('etcd3');
  // The account is there already, and may not pass the directory of the keys.
  for (const one of hosts)
    await inside(
      one,
      sh`useradd --system --user-group --no-create-home etcd3; chgrp etcd2 /etc/etcd; chmod 750 /etc/etcd`,
    );
  const observer = observe(endpoints(next));
  const up = await provision(['up', next.inventory, '--yes', '--timeout', '20']);
  t.is(up.exitCode, 1, up.stdout + up.stderr);
  t.regex(up.stderr, /was put back as before, and all members answer/);
  t.deepEqual(await accounts(), ['etcd2', 'etcd2', 'etcd2']);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  for (const one of hosts) await inside(one, sh`chmod 755 /etc/etcd; chgrp root /etc/etcd`);
});

test.serial('up: a run that was killed between two accounts is finished by the next', async (t) => {
  t.timeout(600_000);
  const { provision } = lab.current;
  const next = await runBy('etcd3');
  const observer = observe(endpoints(next));
  const operator = await startOperator(['up', next.inventory, '--yes']);
  await operator.says(/enable etcd\.service \(\d/);
  operator.kill('SIGKILL');
  await operator.ended;
  const up = await provision(['up', next.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.deepEqual(await accounts(), ['etcd3', 'etcd3', 'etcd3']);

  // The power of the operator's machine went while the files of one that stands still were half given over.
  const half = hostAt(lab.current, 1);
  await inside(half, sh`systemctl stop etcd; chown -R etcd2:etcd2 /var/lib/etcd/member/snap`);
  await inside(half, sh`chown etcd2:etcd2 /etc/etcd/pki/server.key`);
  const again = await provision(['up', next.inventory, '--yes']);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
  t.deepEqual(await accounts(), ['etcd3', 'etcd3', 'etcd3']);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial(
  'up: another directory of programs, member by member; the former one stays',
  async (t) => {
    t.timeout(600_000);
    const { hosts, provision } = lab.current;
    const next = await describeCluster(lab.current, {
      etcd: { user: 'etcd3', paths: { bin: '/opt/etcd-new' } },
    });
    const observer = observe(endpoints(next));
    // As long as the programs are where they were, what asks with them finds them there.
    const saved = await provision(['snapshot', 'save', next.inventory]);
    t.is(saved.exitCode, 0, saved.stdout + saved.stderr);
    const up = await provision(['up', next.inventory, '--yes']);
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    t.notRegex(up.stderr, /not compared/);
    for (const one of hosts) {
      t.is(await said(one, 'readlink /proc/$(pidof etcd)/exe'), '/opt/etcd-new/3.5.30/etcd');
      t.is(await said(one, 'ls /opt/etcd/3.5.30'), 'etcd\netcdctl\netcdutl');
    }
    t.regex((await provision(['up', next.inventory, '--yes'])).stdout, /nothing to do/);
    await nothingWrong(t, () => provision(['doctor', next.inventory]));
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);
