import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { sh } from '../shell/command.ts';
import { cableName } from './address.ts';
import { boot } from './boot.ts';
import { currentRecord, inside, type LabHost, machineOf } from './host.ts';
import { must, run } from './local-command.ts';
import { locked } from './lock.ts';
import { disconnectHost } from './network.ts';
import { powerOff } from './power.ts';

/** Cuts the power: all processes die, and no neighbour hears a word of it. What was not synced is kept all the same. */
export async function cutPower(target: LabHost): Promise<void> {
  const { lab, host } = await currentRecord(target);
  await unplug(target);
  await powerOff(host.netns);
  await disconnectHost(host.netns, lab.subnet, host.index);
}

/** Boots a host again on the disk it had; it resolves when a login works. What lay in memory (tmpfs, rules) is gone. */
export async function restorePower(target: LabHost): Promise<void> {
  await locked(`lab-${target.lab}`, async () => {
    const { lab } = await currentRecord(target);
    await boot(lab, [target.name]);
  });
}

/** Stops every process of the host where it stands; connections stay open, nothing answers. */
export async function freeze(target: LabHost): Promise<void> {
  await setFrozen(target, true);
}

/** Lets a frozen host go on. */
export async function thaw(target: LabHost): Promise<void> {
  await setFrozen(target, false);
}

/** Pulls the network cable. */
export async function unplug(target: LabHost): Promise<void> {
  await setCable(target, 'down');
}

/** Puts the network cable back. */
export async function plugIn(target: LabHost): Promise<void> {
  await setCable(target, 'up');
}

/** Drops all packets between this host and others that go to the TCP port, here or there; loopback stays. */
export async function dropPort(target: LabHost, port: number): Promise<void> {
  await nft(
    target,
    rules(`iifname != lo tcp dport ${port} drop`, `oifname != lo tcp dport ${port} drop`),
  );
}

/** Drops all TCP between this host and another, both ways. */
export async function dropPeer(target: LabHost, peer: LabHost): Promise<void> {
  await nft(target, rules(`ip saddr ${peer.address} drop`, `ip daddr ${peer.address} drop`));
}

/** Takes back what dropPort and dropPeer did to this host. */
export async function dropNothing(target: LabHost): Promise<void> {
  await nft(target, `add table inet ${TABLE}\ndelete table inet ${TABLE}\n`);
}

/** Mounts an empty memory disk of this size over a directory of the host, until its power is cut. */
export async function mountSmallDisk(
  target: LabHost,
  directory: string,
  mebibytes: number,
): Promise<void> {
  const mounted = await inside(
    target,
    sh`mkdir -p ${directory} && mount -t tmpfs -o ${`size=${mebibytes}m,mode=0755`} provision-small ${directory}`,
  );
  if (mounted.exitCode !== 0)
    throw new Failure('failed', `${target.name}: no small disk: ${mounted.stderr.trim()}`, {
      next: [remedy`see what is mounted on this machine: findmnt`],
    });
}

const TABLE = 'provision_lab';

// Adding the chains again is not an error, so that faults add up.
const rules = (input: string, output: string): string => `add table inet ${TABLE}
add chain inet ${TABLE} input { type filter hook input priority -10; }
add chain inet ${TABLE} output { type filter hook output priority -10; }
add rule inet ${TABLE} input ${input}
add rule inet ${TABLE} output ${output}
`;

async function nft(target: LabHost, input: string): Promise<void> {
  const { netns } = (await currentRecord(target)).host;
  const args = ['netns', 'exec', netns, 'nft', '--file', '-'];
  await must(`filter packets of ${target.name}`, 'ip', args, { input });
}

async function setCable(target: LabHost, state: 'up' | 'down'): Promise<void> {
  const { lab, host } = await currentRecord(target);
  const cable = cableName(lab.subnet, host.index);
  await run('ip', ['link', 'set', cable, state]);
}

async function setFrozen(target: LabHost, frozen: boolean): Promise<void> {
  const { init } = await machineOf(target);
  const own = /^0::(.*)\/[^/]+$/m.exec(await readFile(`/proc/${init}/cgroup`, 'utf8'))?.[1];
  const mount = / (\S+) cgroup2 /.exec(await readFile('/proc/self/mounts', 'utf8'))?.[1];
  if (own === undefined || mount === undefined)
    throw new Failure('failed', `${target.name} has no control group of version 2 to freeze`, {
      next: [remedy`boot this machine with control groups of version 2`],
    });
  await writeFile(join(mount, own, 'cgroup.freeze'), frozen ? '1' : '0');
}
