import { desiredCluster } from '../../desired/cluster.ts';
import { loadTemplates } from '../../desired/templates.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import { trustPath } from '../../pki/ca/ca-rotation.ts';
import { pathsOf } from '../../pki/store/store.ts';
import { storeDirectory } from '../../pki/store/store-files.ts';
import type { ClientAccess } from '../../plan/switching/client-access.ts';
import { withSession } from '../../run/session.ts';
import { quote } from '../../shell/command.ts';
import type { ArgumentsOf } from '../command.ts';
import { lookupAccess } from '../etcdctl/lookup-access.ts';
import type { lookOptions } from '../options/look.ts';

/** Prints what an etcdctl on this machine needs: `eval "$(provision env inventory.yaml)"`. */
export async function env(args: ArgumentsOf<typeof lookOptions>): Promise<void> {
  const { inventory, directory } = await readInventory(args.inventory);
  const store = storeDirectory(inventory, directory);
  const admin = pathsOf(store, 'admin');
  const { protocol, endpoints } = await servedNow(args);
  const variables = {
    ETCDCTL_API: '3',
    ETCDCTL_ENDPOINTS: endpoints.join(','),
    ...(protocol === 'https' && {
      ETCDCTL_CACERT: trustPath(store),
      ETCDCTL_CERT: admin.certificate,
      ETCDCTL_KEY: admin.key,
    }),
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
  console.log(args.json ? JSON.stringify(variables) : lines.join('\n'));
}

/** How clients are served now; as the inventory says where no host can be asked. */
async function servedNow(args: ArgumentsOf<typeof lookOptions>): Promise<ClientAccess> {
  try {
    return await withSession({ ...args, needs: 'any-host' }, ({ desired, hosts }) =>
      lookupAccess(desired, hosts),
    );
  } catch (error) {
    // It is also used where nobody may log in to the hosts.
    if (!(error instanceof Failure)) throw error;
    console.error(
      `warning: no host could be asked how clients are served, so this is what the inventory says: ${error.problem.sentence}`,
    );
    const { inventory } = await readInventory(args.inventory);
    const { protocol, members } = desiredCluster(inventory, await loadTemplates());
    return { protocol, endpoints: members.map(({ clientUrl }) => clientUrl), notes: [] };
  }
}
