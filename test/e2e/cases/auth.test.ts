import test from 'ava';
import type { LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { describeCluster, endpoints } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { memberIds, setAlarm } from '../observer/contents.ts';
import { said, unitRun } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

const NO_USER =
  "etcd's authentication is on, and healthcheck-client, which the members' own certificate names, is not one of its users";
const BY_PASSWORD = "etcd's authentication is on, and over http it knows users by password only";

/** The commands of ours in advice, without the program's name. */
function commandsIn(stderr: string): readonly (readonly string[])[] {
  const next = /^ {2}next: (.*)$/m.exec(stderr)?.[1] ?? '';
  return [...next.matchAll(/provision ((?:(?!; ).)+)/g)].map(([, words = '']) => words.split(' '));
}

const provision = (args: readonly string[], input?: string) =>
  lab.current.provision(args, input === undefined ? {} : { input });

async function refused(args: readonly string[], why: string): Promise<string> {
  const { exitCode, stdout, stderr } = await provision(args);
  if (exitCode !== 3 || !stderr.includes(why))
    throw new Error(`${args.join(' ')}: ${stdout}${stderr}`);
  return stderr;
}

async function done(args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await provision(args);
  if (exitCode !== 0) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`);
  return stdout + stderr;
}

const runs = () => Promise.all(lab.current.hosts.map((host) => unitRun(host)));

test.serial(
  'with authentication on: what is missing is named first, and the commands cure it',
  async (t) => {
    const plain = await describeCluster(lab.current, { protocol: 'http' });
    const { inventory } = plain;
    const etcdctl = (...words: readonly string[]) => done(['etcdctl', inventory, '--', ...words]);
    const asRoot = (...words: readonly string[]) => etcdctl('--user', 'root:secret', ...words);
    await done(['up', inventory, '--yes']);
    await etcdctl('put', 'proof/key', 'kept');
    for (const user of ['root', 'app']) await etcdctl('user', 'add', `${user}:secret`);
    await etcdctl('user', 'grant-role', 'root', 'root');
    await etcdctl('auth', 'enable');

    // Over http: a healthy cluster is called healthy, and told what it asks for.
    const before = await runs();
    t.regex(
      await done(['status', inventory]),
      /3 of 3 members answer a linearizable read; 2 of 3 must answer, 3 do/,
    );
    t.regex(await done(['doctor', inventory]), /nothing wrong found/);
    for (const words of [
      ['snapshot', 'save', inventory],
      ['snapshot', 'schedule', inventory, '--every', '1h', '--yes'],
      ['migrate', inventory, '--to', 'https', '--via', 'snapshot', '--yes'],
    ])
      t.false(/restore/.test(await refused(words, BY_PASSWORD)), words.join(' '));
    const live = ['migrate', inventory, '--to', 'https', '--via', 'live', '--yes'];
    const told = await refused(live, BY_PASSWORD);
    t.deepEqual(await runs(), before, 'nothing was restarted');
    t.is(await said(host(0), 'ls /etc/systemd/system | grep snapshot'), '');

    // The printed commands as they are typed, with the password on stdin.
    const cures = commandsIn(told).map((words) => words.map((word) => word.replace(/;$/, '')));
    t.deepEqual(cures, [
      [
        'etcdctl',
        inventory,
        '--',
        '--user',
        'root',
        'user',
        'add',
        'healthcheck-client',
        '--no-password',
      ],
      [
        'etcdctl',
        inventory,
        '--',
        '--user',
        'root',
        'user',
        'grant-role',
        'healthcheck-client',
        'root',
      ],
    ]);
    for (const words of cures) {
      const cured = await provision(words, 'secret\n');
      t.is(cured.exitCode, 0, cured.stderr);
    }
    await done([...live, '--no-snapshot']);
    await done([...live, '--no-snapshot', '--finish']);

    const secure = await describeCluster(lab.current);
    t.regex(await done(['up', secure.inventory, '--yes']), /nothing to do/);
    await done(['snapshot', 'save', inventory]);
    await done(['snapshot', 'schedule', inventory, '--every', '1h', '--yes']);
    for (const one of lab.current.hosts) await doInside(one, sh`systemctl start etcd-snapshot`);
    const taken = await Promise.all(
      lab.current.hosts.map((one) =>
        said(one, 'ls /var/lib/provision/snapshots/proof | grep -c db$'),
      ),
    );
    t.deepEqual(taken.toSorted(), ['0', '0', '1']);
    await done(['snapshot', 'drill', inventory]);

    // Without that user: refused again over https, while what etcd lets do is done.
    await asRoot('user', 'delete', 'healthcheck-client');
    await refused(['snapshot', 'save', inventory], NO_USER);
    await refused(
      [
        'migrate',
        inventory,
        '--to',
        'http',
        '--accept-plaintext',
        '--via',
        'live',
        '--no-snapshot',
        '--yes',
      ],
      NO_USER,
    );
    const setting = await describeCluster(lab.current, {
      etcd: { settings: { 'max-request-bytes': 2_000_000 } },
    });
    await done(['up', setting.inventory, '--yes']);
  },
);

test.serial(
  'with authentication on: a corruption alarm, which etcd tells users only, is seen by /health',
  async (t) => {
    const { inventory } = await describeCluster(lab.current, {
      etcd: { settings: { 'max-request-bytes': 2_000_000 } },
    });
    const asRoot = (...words: readonly string[]) =>
      done(['etcdctl', inventory, '--', '--user', 'root:secret', ...words]);
    const changed = await describeCluster(lab.current, {
      etcd: { settings: { 'max-request-bytes': 3_000_000 } },
    });
    const alarm = async (isRaised: boolean) => {
      // A user that may change alarms is not asked for now.
      await asRoot('auth', 'disable');
      const endpoint = endpoints(changed)[0];
      if (endpoint === undefined) throw new Error('three members');
      const { own } = await memberIds(endpoint);
      await setAlarm(endpoint, own, 'CORRUPT', isRaised);
      await done(['etcdctl', inventory, '--', 'auth', 'enable']);
    };
    await alarm(true);
    const before = await runs();
    try {
      const why =
        'proof: etcd reports a corruption alarm, and says to nobody without a user of which member';
      await refused(['up', changed.inventory, '--yes'], why);
      const doctor = await provision(['doctor', inventory]);
      t.is(doctor.exitCode, 1);
      t.true(doctor.stdout.startsWith(why), doctor.stdout);
      const status = await provision(['status', inventory]);
      t.is(status.exitCode, 1);
      t.regex(status.stdout, /alarm:CORRUPT/);
      t.deepEqual(await runs(), before, 'nothing was restarted');
    } finally {
      await alarm(false);
    }
    t.regex(await done(['doctor', inventory]), /nothing wrong found/);
  },
);

test.serial(
  'with authentication on: the database of one member that still runs is enough',
  async (t) => {
    const { inventory } = await describeCluster(lab.current, {
      etcd: { settings: { 'max-request-bytes': 2_000_000 } },
    });
    for (const one of [host(0), host(2)])
      await doInside(
        one,
        sh`systemctl kill --signal=KILL etcd; systemctl stop etcd; rm -rf /var/lib/etcd`,
      );
    const words = ['restore', inventory, '--from-member', host(1).name, '--yes-restore', 'proof'];
    t.regex(await done(words), /members' data was not compared/);
    const get = ['--user', 'root:secret', 'get', 'proof/key', '--print-value-only'];
    t.is(/^kept$/m.exec(await done(['etcdctl', inventory, '--', ...get]))?.[0], 'kept');
    t.regex(await done(['status', inventory]), /3 of 3 members answer/);
    t.regex(await done(['up', inventory, '--yes']), /nothing to do/);
  },
);

function host(index: number): LabHost {
  const found = lab.current.hosts[index];
  if (found === undefined) throw new Error('three hosts');
  return found;
}
