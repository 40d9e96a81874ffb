import { readFile } from 'node:fs/promises';
import test from 'ava';
import { labDown } from '../../../src/lab/down.ts';
import {
  cutPower,
  dropNothing,
  dropPort,
  freeze,
  restorePower,
  thaw,
} from '../../../src/lab/faults.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { must, run } from '../../../src/lab/local-command.ts';
import { sh } from '../../../src/shell/command.ts';
import { startLab, useLab } from '../lab/lab.ts';

const lab = useLab({ count: 2 });

const login = (sshConfig: string, host: LabHost, command: string) =>
  run('ssh', ['-F', sshConfig, host.name, command], { deadline: 20 });

async function reaches(from: LabHost, to: LabHost, port: number): Promise<boolean> {
  const connect = sh`timeout 2 bash -c ${`exec 3<>/dev/tcp/${to.address}/${port}`}`;
  return (await inside(from, connect)).exitCode === 0;
}

/** Everything of this machine in whose name a lab's name stands. */
async function traces(name: string, subnet: string): Promise<readonly string[]> {
  const looked = await Promise.all([
    readFile('/proc/mounts', 'utf8'),
    must('list namespaces', 'ip', ['netns']),
    must('list interfaces', 'ip', ['-brief', 'address']),
    must('list processes', 'ps', ['-eo', 'args']),
    must('list groups', 'find', ['/sys/fs/cgroup', '-type', 'd', '-name', 'pvlab-*']),
  ]);
  return looked
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes(name) || line.includes(`${subnet}.`));
}

test.serial(
  'labUp() boots hosts with systemd, names, logins and host keys of their own',
  async (t) => {
    const { hosts, paths } = lab.current;
    const told = await Promise.all(
      hosts.map((host) =>
        login(paths.sshConfig, host, 'hostname; systemctl is-system-running; id -u'),
      ),
    );
    t.deepEqual(
      told.map(({ stdout }) => stdout),
      hosts.map(({ name }) => `${name}\nrunning\n0\n`),
    );
    const keys = hosts.map((host) =>
      inside(host, sh`cat /etc/ssh/ssh_host_ed25519_key.pub /etc/machine-id`),
    );
    t.is(new Set((await Promise.all(keys)).map(({ stdout }) => stdout)).size, 2);
  },
);

test.serial('labDown() leaves nothing, and another lab beside it untouched', async (t) => {
  const other = await startLab({ count: 1 }, t.log);
  const [theirs] = other.hosts;
  const [ours] = lab.current.hosts;
  if (theirs === undefined || ours === undefined) return t.fail('no hosts');
  const subnet = theirs.address.replace(/\.\d+$/, '');
  t.not(subnet, ours.address.replace(/\.\d+$/, ''));
  t.not((await traces(other.name, subnet)).length, 0);

  t.true(await labDown(other.name));

  t.deepEqual(await traces(other.name, subnet), []);
  t.is((await login(lab.current.paths.sshConfig, ours, 'true')).exitCode, 0);
  t.false(await labDown(other.name));
});

test.serial('restorePower() boots the host again on the disk it had', async (t) => {
  const [host, neighbour] = lab.current.hosts;
  if (host === undefined || neighbour === undefined) return t.fail('no hosts');
  const id = (await inside(host, sh`echo kept > /root/kept; cat /etc/machine-id`)).stdout;

  await cutPower(host);
  t.false(await reaches(neighbour, host, 22));

  await restorePower(host);
  t.is((await inside(host, sh`cat /root/kept /etc/machine-id`)).stdout, `kept\n${id}`);
  t.is((await login(lab.current.paths.sshConfig, host, 'true')).exitCode, 0);
});

test.serial('freeze() stops a host until thaw()', async (t) => {
  const [host] = lab.current.hosts;
  if (host === undefined) return t.fail('no hosts');
  const late = ['-F', lab.current.paths.sshConfig, host.name, 'true'];

  await freeze(host);
  t.is((await run('timeout', ['2', 'ssh', ...late])).exitCode, 124);
  await thaw(host);
  t.is((await run('ssh', late)).exitCode, 0);
});

test.serial('dropPort() cuts one port of a host until dropNothing()', async (t) => {
  const [host, neighbour] = lab.current.hosts;
  if (host === undefined || neighbour === undefined) return t.fail('no hosts');

  await dropPort(host, 22);
  t.deepEqual([await reaches(neighbour, host, 22), await reaches(host, host, 22)], [false, true]);
  await dropNothing(host);
  t.true(await reaches(neighbour, host, 22));
});
