import test, { type ExecutionContext } from 'ava';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { kvClient } from '../observer/kv-client.ts';
import { said, unitRun } from '../observer/seen.ts';

const lab = useLab({ count: 3 });
const cluster = () => describeCluster(lab.current);

/** What a command with --json prints on stdout, which must be one JSON value and nothing beside it. */
async function json(
  t: ExecutionContext,
  exitCode: number,
  command: string,
  ...args: readonly string[]
): Promise<Record<string, unknown>> {
  const { inventory } = await cluster();
  const run = await lab.current.provision([command, inventory, '--json', ...args]);
  t.is(run.exitCode, exitCode, run.stdout + run.stderr);
  const lines = run.stdout.trimEnd().split('\n');
  t.is(lines.length, 1, run.stdout);
  return JSON.parse(run.stdout);
}

test.serial(
  'plan, up, status and env print one JSON value each, from nothing to a cluster',
  async (t) => {
    const { members, store } = await cluster();
    const names = members.map(({ name }) => name);

    const planned = await json(t, 0, 'plan');
    t.deepEqual(Object.keys(planned), ['cluster', 'target', 'waves', 'refusals']);
    await json(t, 10, 'plan', '--exit-code');
    const sick = await json(t, 1, 'status');
    t.deepEqual(Object.keys(sick).slice(0, 2), ['cluster', 'members']);

    const done = await json(t, 0, 'up', '--yes');
    t.like(done, { cluster: 'proof', changed: true });
    t.deepEqual(await agreedValue(await cluster(), 'x'), ['x', 'x', 'x']);

    const status = await json(t, 0, 'status');
    t.like(status, {
      members: names.map((name) => ({
        name,
        healthy: true,
        version: '3.5.30',
        isLearner: false,
        unit: 'active',
        certificateDays: 364,
      })),
    });
    t.deepEqual(await json(t, 0, 'env'), {
      ETCDCTL_API: '3',
      ETCDCTL_ENDPOINTS: members.map(({ address }) => `https://${address}:2379`).join(','),
      ETCDCTL_CACERT: `${store}/trust.pem`,
      ETCDCTL_CERT: `${store}/admin.crt`,
      ETCDCTL_KEY: `${store}/admin.key`,
    });
    t.deepEqual(await json(t, 0, 'plan', '--exit-code'), {
      cluster: 'proof',
      waves: [],
      refusals: [],
    });
  },
);

test.serial(
  'etcdctl gives the words, the input, the output and the exit code through',
  async (t) => {
    const { inventory } = await cluster();
    const etcdctl = (input: string, ...words: readonly string[]) =>
      lab.current.provision(['etcdctl', inventory, '--', ...words], { input });
    const put = await etcdctl('a value\nof two lines', 'put', 'from stdin');
    t.is(put.stdout, 'OK\n', put.stderr);
    const get = await etcdctl('', 'get', 'from stdin', '--print-value-only');
    t.is(get.stdout, 'a value\nof two lines\n');
    const members = await etcdctl('', 'member', 'list', '-w', 'json');
    t.is(JSON.parse(members.stdout).members.length, 3);
    const wrong = await etcdctl('', 'get', '--no-such-flag');
    t.not(wrong.exitCode, 0);
    t.regex(wrong.stderr, /unknown flag/);
  },
);

test.serial(
  'etcdctl member remove: refuses a member that answers or is needed, takes out one that is dead',
  async (t) => {
    const { inventory } = await cluster();
    const etcdctl = (...words: readonly string[]) =>
      lab.current.provision(['etcdctl', inventory, ...words]);
    const listed = async () => (await etcdctl('--', 'member', 'list')).stdout;
    const before = await listed();
    const [first = '', , third = ''] = lab.current.hosts.map(({ name }) => idIn(before, name));
    const [one, two, three] = lab.current.hosts;
    if (one === undefined || two === undefined || three === undefined) return t.fail();
    const refused = async (id: string, sentence: string, ...flags: readonly string[]) => {
      const ended = await etcdctl(...flags, '--', 'member', 'remove', id);
      t.is(ended.exitCode, 3, ended.stdout + ended.stderr);
      t.true(
        ended.stderr.includes(`error: proof: member ${id.padStart(16, '0')} ${sentence}`),
        ended.stderr,
      );
    };
    await refused(
      third,
      `(${three.name}) answers, so it is not lost; without it 2 of 2 must answer, 2 do, none may fail\n  next: leave it in; if it is to leave the cluster although it answers: add --force before the --\n`,
    );
    t.is(await listed(), before);

    await said(three, 'systemctl stop etcd');
    await refused(
      first,
      `(${one.name}) is needed: without it 2 of 2 must answer, 1 does: no quorum\n  next: leave it in, and bring the others back first: provision doctor ${inventory}\n`,
    );
    await said(two, 'systemctl stop etcd');
    await refused(
      third,
      `(${three.name}) must not be removed now: 2 of 3 must answer, 0 do: no quorum\n`,
      ...['--member', one.name],
    );
    await said(two, 'systemctl start etcd');

    const removed = await etcdctl('--', 'member', 'remove', third);
    t.is(removed.exitCode, 0, removed.stdout + removed.stderr);
    t.is(idIn(await listed(), three.name), '');
    // It joins again from nothing, as docs/runbook.md says.
    await said(three, 'mv /var/lib/etcd /var/lib/etcd.lost');
    const peer = `--peer-urls=${/https:\/\/[^,]*:2380/.exec(before.split('\n').find((line) => line.includes(third)) ?? '')?.[0]}`;
    const added = await etcdctl('--', 'member', 'add', three.name, peer);
    t.is(added.exitCode, 0, added.stdout + added.stderr);
    const up = await lab.current.provision(['up', inventory, '--yes']);
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    t.deepEqual(await agreedValue(await cluster(), 'again'), ['again', 'again', 'again']);
    await said(three, 'rm -r /var/lib/etcd.lost');
  },
);

/** The id of the member of this name in what `etcdctl member list` prints. */
function idIn(list: string, name: string): string {
  const line = list.split('\n').find((one) => one.split(', ')[2] === name);
  return line?.split(',')[0] ?? '';
}

test.serial('status tells one stopped member from the others, in text and JSON', async (t) => {
  const { inventory, members } = await cluster();
  const [, second] = lab.current.hosts;
  if (second === undefined) return t.fail();
  await said(second, 'systemctl stop etcd');
  const status = await json(t, 1, 'status');
  t.like(status, { members: members.map(({ name }) => ({ name, healthy: name !== second.name })) });
  const text = await lab.current.provision(['status', inventory]);
  t.regex(text.stderr, new RegExp(`1 of 3 members do not answer: ${second.name}`));
  t.is((await lab.current.provision(['up', inventory, '--yes'])).exitCode, 0);
});

test.serial('down stops and keeps, up brings back what was there', async (t) => {
  const { inventory } = await cluster();
  const refused = await lab.current.provision(['down', inventory]);
  t.is(refused.exitCode, 2, refused.stderr);
  t.regex(refused.stderr, /next: add --yes/);
  t.deepEqual(await agreedValue(await cluster(), 'kept'), Array(3).fill('kept'));
  const before = await Promise.all(lab.current.hosts.map((host) => unitRun(host)));

  t.like(await json(t, 0, 'down', '--yes'), { cluster: 'proof', purged: false });
  const states = await Promise.all(
    lab.current.hosts.map((host) =>
      said(
        host,
        'systemctl is-active etcd; systemctl is-enabled etcd; pgrep -x etcd; ls -d /var/lib/etcd/member',
      ),
    ),
  );
  t.deepEqual(
    states,
    states.map(() => 'inactive\ndisabled\n/var/lib/etcd/member'),
  );
  t.is((await lab.current.provision(['down', inventory, '--yes'])).exitCode, 0);

  const up = await lab.current.provision(['up', inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  const clients = endpoints(await cluster()).map(kvClient);
  const read = await Promise.all(
    clients.map((client) => client.range('proof/value', '', 1, 5_000)),
  );
  for (const client of clients) client.close();
  t.deepEqual(
    read.flat().map(({ value }) => value),
    ['kept', 'kept', 'kept'],
  );
  const after = await Promise.all(lab.current.hosts.map((host) => unitRun(host)));
  t.true(after.every((run, at) => run !== before[at]));
});

test.serial('down --purge wants the phrase, then leaves nothing but the account', async (t) => {
  const { inventory, store } = await cluster();
  for (const args of [['--purge'], ['--purge', '--yes']]) {
    const refused = await lab.current.provision(['down', inventory, ...args]);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, /next: add --yes-purge proof/);
  }
  const wrong = await lab.current.provision(['down', inventory, '--purge', '--yes-purge', 'other']);
  t.is(wrong.exitCode, 2, wrong.stdout + wrong.stderr);
  t.regex(wrong.stderr, /--yes-purge other: the cluster of \S+ is called proof/);
  t.deepEqual(await agreedValue(await cluster(), 'still here'), Array(3).fill('still here'));

  const other = await describeCluster(lab.current, { name: 'other' });
  for (const args of [['--yes'], ['--purge', '--yes-purge', 'other']]) {
    const refused = await lab.current.provision(['down', other.inventory, ...args]);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, /etcd\.service belongs to cluster proof/);
  }
  t.deepEqual(await agreedValue(await cluster(), 'here still'), Array(3).fill('here still'));

  // It fails on one host, as one that is cut off there leaves it: the others have lost their data already.
  const busy = '/etc/etcd/snapshot.sh';
  await doInside(
    hostAt(lab.current, 1),
    sh`mkdir ${busy} && : > ${busy}/x && mount --bind ${busy}/x ${busy}/x`,
  );
  const half = await lab.current.provision(['down', inventory, '--purge', '--yes-purge', 'proof']);
  t.is(half.exitCode, 1, half.stdout + half.stderr);
  const why =
    /the last run failed: \S+, doing down --purge since \S+; it removes data, so data that is missing is not a loss/;
  const next = `next: if the cluster is still to be removed: provision down ${inventory} --purge`;
  for (const args of [['plan'], ['up', '--yes'], ['status'], ['doctor']]) {
    const [command = '', ...more] = args;
    const told = await lab.current.provision([command, inventory, ...more]);
    t.not(told.exitCode, 0, command);
    const [first = ''] = (told.stdout + told.stderr).split('next: ').slice(0, 1);
    t.regex(first, why, command);
    t.true(told.stderr.includes(next), `${command}: ${told.stderr}`);
  }
  await doInside(hostAt(lab.current, 1), sh`umount ${busy}/x`);

  t.like(await json(t, 0, 'down', '--purge', '--yes-purge', 'proof'), { purged: true });
  const left =
    'find /etc /opt /var/lib /usr/local -path "*etcd*" ! -path "/etc/systemd/system/*.wants*"; pgrep -x etcd; getent passwd etcd | cut -d: -f1';
  const found = await Promise.all(lab.current.hosts.map((host) => said(host, left)));
  t.deepEqual(
    found,
    found.map(() => 'etcd'),
  );

  const up = await lab.current.provision(['up', inventory, '--yes', '--json']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.true(store.endsWith('proof.pki'));
  t.deepEqual(await agreedValue(await cluster(), 'anew'), ['anew', 'anew', 'anew']);
});
