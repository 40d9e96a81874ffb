import { readFile, writeFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import { connectHost, disconnectHost } from './network.ts';
import { freshNetns, powerOff, powerOn } from './power.ts';
import { untilReady } from './ready.ts';
import { type HostRecord, type LabRecord, labNames, readRecord, writeRecord } from './record.ts';

/**
 * Boots these hosts of the lab from their mounted disks and waits until each lets us in. Each gets a fresh network, as
 * after a loss of power; the record with the new names is written before anything is made, and returned.
 */
export async function boot(lab: LabRecord, names: readonly string[]): Promise<LabRecord> {
  const renewed = lab.hosts.map(
    (host): HostRecord =>
      names.includes(host.name) ? { ...host, netns: freshNetns(lab.name, host.index) } : host,
  );
  for (const host of lab.hosts.filter(({ name }) => names.includes(name))) {
    await powerOff(host.netns);
    await disconnectHost(host.netns, lab.subnet, host.index);
  }
  const next = { ...lab, hosts: renewed };
  await writeRecord(next);
  await makeRoomForSystemd();

  const atOnce = pLimit(16);
  await Promise.all(
    renewed
      .filter(({ name }) => names.includes(name))
      .map((host) =>
        atOnce(async () => {
          await connectHost(host.netns, lab.subnet, host.index);
          await powerOn(lab.name, host.name, host.netns);
          await untilReady(lab.name, host.name);
        }),
      ),
  );
  return next;
}

// With some 20 hosts systemd stalls for lack of inotify instances (128 is the kernel's default).
async function makeRoomForSystemd(): Promise<void> {
  const labs = await Promise.all((await labNames()).map(readRecord));
  const hosts = labs.reduce((sum, lab) => sum + (lab?.hosts.length ?? 0), 0);
  if (hosts <= 12) return;
  await raise('/proc/sys/fs/inotify/max_user_instances', 8192);
  await raise('/proc/sys/fs/inotify/max_user_watches', 1_048_576);
}

async function raise(path: string, least: number): Promise<void> {
  if (Number(await readFile(path, 'utf8')) < least) await writeFile(path, String(least));
}
