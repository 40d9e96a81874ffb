import test from 'ava';
import { desiredService } from '../../../src/desired/service.ts';
import { loadScheduleTemplates, loadTemplates } from '../../../src/desired/templates.ts';
import { variableOf } from '../../../src/etcd/given-settings.ts';
import type { Debian } from '../../../src/lab/debian.ts';
import { labDown } from '../../../src/lab/down.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { startLab } from '../lab/lab.ts';

const UNIT = '/etc/systemd/system/etcd-under-test.service';
const CONF = '/etc/etcd-under-test.conf';

/** Everything a line of an EnvironmentFile could be misread for. */
const HOSTILE: ReadonlyMap<string, string> = new Map([
  ['blank', 'a  b '],
  ['comment', '# a ; b'],
  ['double', '{"maxsize": 100}'],
  ['single', "it's"],
  ['dollar', '$HOME $(id) $$'],
  ['backslash', String.raw`\n \" \\ C:\x`],
  ['last-backslash', 'a\\'],
  ['backtick', '`id`'],
  ['percent', '%n %%'],
  ['equals', 'ETCD_FORCE_NEW_CLUSTER=true'],
  ['unicode', 'Größe 大小'],
]);

/** Where people keep snapshots: below what a sandbox closes, hides or replaces. */
const DIRECTORIES = [
  ...['/var/lib/provision/snapshots/c', '/usr/local/snapshots/c', '/etc/snapshots/c'],
  ...['/root/snapshots/c', '/home/backup/c', '/tmp/snapshots/c', '/srv/snapshots/c'],
];

const debians: readonly Debian[] = ['bullseye', 'bookworm', 'trixie'];
for (const debian of debians) {
  test.serial(
    `loadTemplates: systemd of ${debian} reads both files as they are meant`,
    async (t) => {
      t.timeout(900_000, 'a base may have to be built');
      const { name, hosts } = await startLab({ count: 1, debian }, t.log);
      t.teardown(() => labDown(name));
      const [host] = hosts;
      if (host === undefined) throw new Error('a lab of one has a host');
      const templates = await loadTemplates();

      const unit = templates.etcdService({
        cluster: 'c',
        member: 'etcd01',
        etcd: '/usr/bin/env',
        confFile: CONF,
        user: 'daemon',
        data: '/var/lib/etcd',
        wal: '/var/lib/etcd/member/wal',
        logs: [],
        emptyStart: '/run/provision/etcd.empty-start',
        service: desiredService({ service: {} }),
      });
      await write(host, UNIT, unit);
      const verified = await inside(host, sh`systemd-analyze verify ${UNIT}`);
      t.deepEqual([verified.exitCode, verified.stdout, verified.stderr], [0, '', '']);

      await write(host, CONF, templates.etcdConf(HOSTILE, { cluster: 'c', member: 'etcd01' }));
      const shown = await inside(
        host,
        sh`systemd-run --quiet --wait --pipe --property=EnvironmentFile=${CONF} env -0`,
      );
      const environment = shown.stdout.split('\0').filter((one) => one.startsWith('ETCD_'));
      t.deepEqual(
        environment.sort(),
        [...HOSTILE].map(([flag, value]) => `${variableOf(flag)}=${value}`).sort(),
      );
      t.deepEqual(await Promise.all(DIRECTORIES.map((one) => writeSnapshot(host, one))), [
        ...DIRECTORIES,
      ]);
    },
  );
}

/** Runs the snapshot service over a script that writes one file into the directory; where the file then is. */
async function writeSnapshot(host: LabHost, directory: string): Promise<string> {
  const { service } = await loadScheduleTemplates();
  const name = `snapshot${directory.replaceAll('/', '-')}`;
  const script = `/etc/${name}.sh`;
  await write(host, script, `: > ${directory}/taken`);
  await write(
    host,
    `/etc/systemd/system/${name}.service`,
    service({
      ...{ cluster: 'c', member: 'etcd01', unit: 'etcd', script, directory },
      ...{ programs: '/usr/bin', tool: 'etcdutl', confFile: CONF, pki: '/etc' },
      ...{ last: 1, daily: 0, withinSeconds: 0, peers: ['http://10.0.0.1:2380'] },
    }),
  );
  const { stdout, stderr } = await inside(
    host,
    sh`systemctl start ${name}.service; journalctl --unit ${name}.service >&2; dirname ${directory}/taken; stat --format=%a ${directory} ${directory}/taken`,
  );
  const [found = '', ...modes] = stdout.trim().split('\n');
  return modes.join(' ') === '700 600' ? found : `${modes.join(' ')} ${stderr}`;
}

async function write(host: LabHost, path: string, content: string): Promise<void> {
  const { exitCode, stderr } = await inside(host, sh`printf %s ${content} > ${path}`);
  if (exitCode !== 0) throw new Error(`${host.name}: ${path}: ${stderr}`);
}
