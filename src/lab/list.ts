import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import type { Debian } from './debian.ts';
import { labPaths } from './paths.ts';
import { machineIn } from './power.ts';
import { labNames, readRecord } from './record.ts';

export interface LabView {
  readonly name: string;
  readonly debian: Debian;
  readonly etcd: string;
  readonly inventory: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly address: string;
    readonly running: boolean;
  }[];
}

/** The labs of this machine and which of their hosts run. */
export async function listLabs(): Promise<readonly LabView[]> {
  const labs = await Promise.all((await labNames()).map(readRecord));
  const views = labs.map(async (lab) => {
    if (lab === undefined) return [];
    const { name, debian, etcd } = lab;
    const hosts = lab.hosts.map(async (host) => ({
      name: host.name,
      address: host.address,
      running: (await machineIn(host.netns)) !== undefined,
    }));
    const { inventory } = labPaths(name);
    return [{ name, debian, etcd, inventory, hosts: await Promise.all(hosts) }];
  });
  return (await Promise.all(views)).flat();
}

/** The lab a host belongs to. Throws a Failure when no lab has a host of this name. */
export async function findHost(name: string): Promise<{ readonly lab: string }> {
  const all: string[] = [];
  for (const lab of await labNames()) {
    const record = await readRecord(lab);
    for (const host of record?.hosts ?? []) {
      if (host.name === name) return { lab };
      all.push(host.name);
    }
  }
  throw new Failure('usage', `no lab has a host called ${JSON.stringify(name)}`, {
    next: all.length === 0 ? [remedy`provision lab up`] : [remedy`choose one of ${all.join(', ')}`],
  });
}
