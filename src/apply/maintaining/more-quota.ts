import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';

/** What helps where so many bytes are left that no defragmentation gains enough. */
export function moreQuota(used: number): Next {
  return [
    remedy`set etcd.settings.quota-backend-bytes to ${enough(used)} in the inventory, ${provision('up', INVENTORY)}, then ${provision('maintain', 'space', INVENTORY)}`,
    remedy`delete keys that nobody needs (etcd takes deletions), then: ${provision('maintain', 'space', INVENTORY)}`,
  ];
}

/** A quota of which half is free, as a power of two. */
function enough(used: number): string {
  return String(2 ** Math.ceil(Math.log2(used * 2)));
}
