import { desiredCluster } from '../desired/cluster.ts';
import { loadTemplates } from '../desired/templates.ts';
import { readInventory } from '../inventory/read.ts';
import { trustPath } from '../pki/ca-rotation.ts';
import { pathsOf } from '../pki/store.ts';
import { storeDirectory } from '../pki/store-files.ts';
import { quote } from '../shell/command.ts';
import type { ArgumentsOf } from './command.ts';
import type { envOptions } from './options.ts';

/** Prints what an etcdctl on this machine needs: `eval "$(provision env inventory.yaml)"`. */
export async function env({
  inventory: path,
  json,
}: ArgumentsOf<typeof envOptions>): Promise<void> {
  const { inventory, directory } = await readInventory(path);
  const desired = desiredCluster(inventory, await loadTemplates());
  const store = storeDirectory(inventory, directory);
  const admin = pathsOf(store, 'admin');
  const variables = {
    ETCDCTL_API: '3',
    ETCDCTL_ENDPOINTS: desired.members.map(({ clientUrl }) => clientUrl).join(','),
    ...(desired.protocol === 'https' && {
      ETCDCTL_CACERT: trustPath(store),
      ETCDCTL_CERT: admin.certificate,
      ETCDCTL_KEY: admin.key,
    }),
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
  console.log(json ? JSON.stringify(variables) : lines.join('\n'));
}
