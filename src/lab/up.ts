import { writeFile } from 'node:fs/promises';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { checkLabOptions, hostAddresses, hostNames, subnetsFor } from './address.ts';
import { ensureBase } from './base.ts';
import { boot } from './boot.ts';
import type { Debian } from './debian.ts';
import { makeDiskPlace, mountDisk, writeHostIdentity } from './disk.ts';
import { ensureEtcd } from './etcd.ts';
import { inventoryText } from './inventory-text.ts';
import { locked } from './lock.ts';
import { claimSubnet, keepSubnet } from './network.ts';
import { labPaths } from './paths.ts';
import { freshNetns, machineIn } from './power.ts';
import { prepareMachine, type Say } from './preflight.ts';
import {
  type HostRecord,
  type LabRecord,
  labNames,
  type Owner,
  readRecord,
  writeRecord,
} from './record.ts';
import { ensureIdentity, writeAccess } from './ssh-access.ts';

export interface LabOptions {
  readonly name: string;
  readonly count: number;
  readonly debian: Debian;
  readonly etcd: string;
  /** The process whose end makes the lab rubbish; people's labs have none. */
  readonly owner?: Owner;
}

/**
 * Brings a lab up and returns it once every host lets us in. A lab that runs already is left as it is; one whose hosts
 * are off (this machine was restarted) is booted again on its old disks. Throws a Failure when it exists but differs.
 */
export async function labUp(wish: LabOptions, say: Say): Promise<LabRecord> {
  checkLabOptions(wish.name, wish.count);
  await prepareMachine(say);
  return locked(`lab-${wish.name}`, async () => {
    const old = await readRecord(wish.name);
    if (old === undefined) {
      const needed = [ensureBase(wish.debian, say), ensureEtcd(wish.etcd, say)] as const;
      const [base] = await Promise.all(needed);
      return bootAll(await locked('network', () => found(wish, base)), say);
    }
    refuseOther(old, wish);
    await ensureEtcd(wish.etcd, say);
    await keepSubnet(old.subnet);
    return bootAll(old, say);
  });
}

function refuseOther(lab: LabRecord, { name, count, debian, etcd }: LabOptions): void {
  const is = `${lab.hosts.length} × ${lab.debian} with etcd ${lab.etcd}`;
  const wanted = `${count} × ${debian} with etcd ${etcd}`;
  if (is === wanted) return;
  throw new Failure('refused', `the lab ${name} exists already and is ${is}, not ${wanted}`, {
    next: [remedy`provision lab down --name ${name}, or choose another --name`],
  });
}

async function found(wish: LabOptions, base: string): Promise<LabRecord> {
  const { name, count, debian, etcd, owner } = wish;
  const others = await Promise.all((await labNames()).map(readRecord));
  const taken = new Set(others.flatMap((lab) => (lab === undefined ? [] : [lab.subnet])));
  const subnet = await claimSubnet(subnetsFor(name, taken));
  const hosts = hostNames(name, count).map((host, at): HostRecord => {
    const { address, address6 } = hostAddresses(subnet, at + 1);
    return { name: host, index: at + 1, address, address6, netns: freshNetns(name, at + 1) };
  });
  const lab = { name, subnet, debian, base, etcd, hosts, ...(owner && { owner }) };
  await writeRecord(lab);
  return lab;
}

async function bootAll(lab: LabRecord, say: Say): Promise<LabRecord> {
  const publicKey = await ensureIdentity(lab.name);
  await makeDiskPlace(lab.name);
  const hostKeys = await Promise.all(
    lab.hosts.map(async (host) => {
      const { root } = await mountDisk(lab, host);
      return [host.name, await writeHostIdentity(lab, host, root, publicKey)] as const;
    }),
  );
  await writeAccess(lab, new Map(hostKeys));
  await writeFile(labPaths(lab.name).inventory, inventoryText(lab));

  const machines = await Promise.all(lab.hosts.map((host) => machineIn(host.netns)));
  const off = lab.hosts.flatMap(({ name }, at) => (machines[at] === undefined ? [name] : []));
  if (off.length === 0) return lab;
  say(`booting ${off.join(', ')}`);
  return boot(lab, off);
}
