import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { remedy } from '../problem/remedy.ts';
import { sh } from '../shell/command.ts';
import { type Architecture, architectureOfMachine } from './architecture.ts';

/** What etcd's programs must be made for to run on the host. Throws a Failure (refused) where etcd is not released for it. */
export async function architectureOf(host: Host): Promise<Architecture> {
  const { stdout } = await must(host, 'tell what machine it is', sh`uname -m`);
  const machine = stdout.trim();
  const architecture = architectureOfMachine(machine);
  if (architecture !== undefined) return architecture;
  throw new Failure('refused', `${host.name}: is ${machine}, which etcd is not released for`, {
    next: [remedy`build etcd for it, and name the directory under etcd.source in the inventory`],
  });
}
