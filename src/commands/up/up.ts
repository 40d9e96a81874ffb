import { agreed } from '../../run/ask.ts';
import { needsBut } from '../../run/needs.ts';
import { withOperation } from '../../run/operation.ts';
import { tellAway } from '../../run/without-hosts.ts';
import type { ArgumentsOf } from '../command.ts';
import type { upOptions } from './options.ts';

/** Makes the hosts match the inventory, and proves that the cluster answers. */
export async function up(args: ArgumentsOf<typeof upOptions>): Promise<void> {
  const { inventory, yes } = args;
  if (args.rewriteSettings) {
    const { rewriteInventory } = await import('../../run/rewrite-inventory.ts');
    await rewriteInventory(inventory, async () => {
      if (!yes) await agreed(`Write ${inventory} so?`);
    });
  }
  const meanwhile = () => import('./bring-up.ts');
  await withOperation(
    {
      ...args,
      needs: needsBut(args.without),
      withConsumers: true,
      withOutgoing: true,
      leaving: args.remove,
      whenUnreachable: tellAway({
        command: ['up', ...(args.allowDowntime ? ['--allow-downtime'] : [])],
      }),
      command: 'up',
      meanwhile,
    },
    async (operation) => (await meanwhile()).bringUp(operation, args),
  );
}
