import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { lines, sh } from '../shell/command.ts';
import { exists } from './exists.ts';
import { run } from './local-command.ts';
import { diskPaths } from './paths.ts';

/** The two processes of a running host, as this machine numbers them. */
export interface Machine {
  readonly nspawn: number;
  /** PID 1 of the host. */
  readonly init: number;
}

/** A name no network namespace of this machine had before. */
export const freshNetns = (lab: string, index: number): string =>
  `pvlab-${lab}-${index}-${randomBytes(3).toString('hex')}`;

/** Starts a host on its mounted disk, in a session of its own that outlives us; it is ready when a login works. */
export async function powerOn(lab: string, host: string, netns: string): Promise<void> {
  const { root, console } = diskPaths(lab, host);
  const log = await open(console, 'a');
  const nspawn = [
    'systemd-nspawn',
    ...['--quiet', '--register=no', '--keep-unit', '--settings=no', '--link-journal=no'],
    ...['--resolv-conf=off', '--timezone=off', '--console=pipe', '--boot'],
    ...['--machine', host, '--directory', root, `--network-namespace-path=/run/netns/${netns}`],
  ];
  // With --keep-unit nspawn leaves the reboot that a host asked for to its caller and says so by 133.
  const again = ['/bin/sh', '-c', 'while :; do "$@"; [ $? = 133 ] || exit; done', 'sh'];
  const [file = '', ...args] = [...(await ownControlGroup(netns)), ...again, ...nspawn];
  // Not execa: it cannot hand a file's descriptor to a child that outlives us.
  const started = spawn(file, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(started, 'spawn');
  started.unref();
  await log.close();
}

/** The processes of the host that runs in this network namespace, or undefined when none does. */
export async function machineIn(netns: string): Promise<Machine | undefined> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const words = (await procFile(`${entry}/cmdline`)).split('\0');
    if (words[0] !== 'systemd-nspawn') continue;
    if (!words.includes(`--network-namespace-path=/run/netns/${netns}`)) continue;
    const children = (await procFile(`${entry}/task/${entry}/children`)).trim().split(' ');
    for (const child of children) {
      const ids = /^NSpid:\s+(.*)$/m.exec(await procFile(`${child}/status`));
      if (ids?.[1]?.split(/\s+/).at(-1) === '1')
        return { nspawn: Number(entry), init: Number(child) };
    }
  }
  return undefined;
}

/** Cuts the power: every process of the host dies at once, without a word to anybody. Nothing to do is not an error. */
export async function powerOff(netns: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const machine = await machineIn(netns);
    if (machine === undefined) return removeControlGroup(netns);
    // The kernel ends the whole process namespace with its first process.
    await run('kill', ['-KILL', String(machine.init)]);
    await sleep(25);
  }
  throw new Failure('failed', `the host in ${netns} does not die`, {
    next: [remedy`ps -ef | grep systemd-nspawn`],
  });
}

// Without a control group for each host their systemds would manage, and kill, each other's processes.
async function ownControlGroup(netns: string): Promise<readonly string[]> {
  if (await exists('/run/systemd/system'))
    return ['systemd-run', '--scope', '--quiet', '--collect', `--unit=${netns}`, '-pDelegate=yes'];
  const groups = await controlGroups(netns);
  const enter = groups.map((group) => sh`mkdir -p ${group} && echo $$ > ${group}/cgroup.procs`);
  return ['/bin/sh', '-c', lines([...enter, sh`exec "$@"`]).text, 'sh'];
}

async function removeControlGroup(netns: string): Promise<void> {
  for (const group of await controlGroups(netns)) {
    if (!(await exists(group))) continue;
    await run('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }
}

// The hierarchies systemd uses: version 2, and where this machine still has it the named one of version 1.
async function controlGroups(netns: string): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  return mounts.flatMap((line) => {
    const [, at, type, options = ''] = line.split(' ');
    const used = type === 'cgroup2' || (type === 'cgroup' && options.includes('name=systemd'));
    return used ? [`${at}/${netns}`] : [];
  });
}

async function procFile(path: string): Promise<string> {
  // Processes end while we look.
  return readFile(`/proc/${path}`, 'utf8').catch(() => '');
}
