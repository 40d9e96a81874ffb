import { desiredCluster } from '../../desired/cluster.ts';
import { loadTemplates } from '../../desired/templates.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import type { ClientAccess } from '../../plan/switching/client-access.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { lookOptions } from '../options/look.ts';
import { lookupAccess } from './lookup-access.ts';

/** How clients are served now; as the inventory says where no host can be asked, with a warning. */
export async function servedNow(args: ArgumentsOf<typeof lookOptions>): Promise<ClientAccess> {
  try {
    return await withSession({ ...args, needs: 'any-host' }, ({ desired, hosts }) =>
      lookupAccess(desired, hosts),
    );
  } catch (error) {
    // It is also asked where nobody may log in to the hosts.
    if (!(error instanceof Failure)) throw error;
    console.error(
      `warning: no host could be asked how clients are served, so this is what the inventory says: ${error.problem.sentence}`,
    );
    const { inventory } = await readInventory(args.inventory);
    const { protocol, members } = desiredCluster(inventory, await loadTemplates());
    return { protocol, endpoints: members.map(({ clientUrl }) => clientUrl), notes: [] };
  }
}
