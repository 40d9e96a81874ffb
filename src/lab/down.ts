import { deleteTree } from './delete-tree.ts';
import { releaseDiskPlace, unmountDisk } from './disk.ts';
import { forgetLock, locked } from './lock.ts';
import { claimedSubnets, disconnectHost, hasCables, releaseSubnet } from './network.ts';
import { labPaths } from './paths.ts';
import { powerOff } from './power.ts';
import { labNames, readRecord } from './record.ts';

/** Ends a lab and deletes its disks; false where there is none. Nothing of it is left: no process, mount, interface or file. */
export async function labDown(name: string): Promise<boolean> {
  return locked(`lab-${name}`, async () => {
    const lab = await readRecord(name);
    if (lab === undefined) {
      await forgetLock(`lab-${name}`);
      return false;
    }
    await Promise.all(
      lab.hosts.map(async (host) => {
        await powerOff(host.netns);
        await unmountDisk(name, host.name);
        await disconnectHost(host.netns, lab.subnet, host.index);
      }),
    );
    await releaseDiskPlace(name);
    await locked('network', () => releaseSubnet(lab.subnet));
    await deleteTree(labPaths(name).directory);
    await forgetLock(`lab-${name}`);
    return true;
  });
}

/** Removes the bridges that no lab owns: a run that was killed at the wrong moment left them. */
export async function removeOrphans(): Promise<void> {
  await locked('network', async () => {
    const labs = await Promise.all((await labNames()).map(readRecord));
    const owned = new Set(labs.map((lab) => lab?.subnet));
    // One with cables belongs to a lab of somebody with another home.
    for (const subnet of await claimedSubnets())
      if (!owned.has(subnet) && !(await hasCables(subnet))) await releaseSubnet(subnet);
  });
}
