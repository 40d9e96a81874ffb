import { Failure } from '../../failure/failure.ts';
import { provision, remedy } from '../../problem/remedy.ts';
import type { ArgumentsOf } from '../command.ts';
import type { adoptOptions } from './options.ts';

/** Takes a cluster over from somebody else, or gives it back. */
export async function adopt(args: ArgumentsOf<typeof adoptOptions>): Promise<void> {
  const { undo, hosts = [] } = args;
  if (undo !== undefined) {
    if (hosts.length > 0)
      throw new Failure('usage', `--undo is about the members in ${undo}; hosts are named too`, {
        next: [remedy`name no host`],
      });
    const { undoAdoption } = await import('./undo.ts');
    return undoAdoption({ ...args, inventory: undo });
  }
  if (hosts.length === 0)
    throw new Failure('usage', 'adopt needs a host of the cluster', {
      next: [remedy`name one: ${provision('adopt', 'ADDRESS', '--out', 'inventory.yaml')}`],
    });
  const { lookAtCluster } = await import('./look-at-cluster.ts');
  await lookAtCluster({ ...args, hosts });
}
