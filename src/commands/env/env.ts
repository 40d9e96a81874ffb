import { adminOf } from '../../facts/etcd/ask-port.ts';
import { readInventory } from '../../inventory/read.ts';
import { trustPath } from '../../pki/ca/ca-rotation.ts';
import { pathsOf } from '../../pki/store/store.ts';
import { storeDirectory } from '../../pki/store/store-files.ts';
import { quote } from '../../shell/command.ts';
import type { ArgumentsOf } from '../command.ts';
import { servedNow } from '../etcdctl/served-now.ts';
import type { lookOptions } from '../options/look.ts';

/** Prints what an etcdctl on this machine needs: `eval "$(provision env inventory.yaml)"`. */
export async function env(args: ArgumentsOf<typeof lookOptions>): Promise<void> {
  const { inventory, directory } = await readInventory(args.inventory);
  const store = storeDirectory(inventory, directory);
  const admin = pathsOf(store, 'admin');
  const { protocol, endpoints } = await servedNow(args);
  if (protocol === 'https' && (await adminOf(store)) === undefined)
    console.error(
      `warning: ${store} has no certificate of the operator to show to members: give etcdctl one that they take`,
    );
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
