import { withOperation } from '../../run/operation.ts';
import type { ArgumentsOf } from '../command.ts';
import type { upOptions } from './options.ts';

/** Makes the hosts match the inventory, and proves that the cluster answers. */
export async function up(args: ArgumentsOf<typeof upOptions>): Promise<void> {
  const meanwhile = () => import('./bring-up.ts');
  await withOperation(
    { ...args, withConsumers: true, command: 'up', meanwhile },
    async (operation) => (await meanwhile()).bringUp(operation, args),
  );
}
