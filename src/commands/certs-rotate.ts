import { planCluster } from '../plan/cluster.ts';
import { planRotation } from '../plan/rotate.ts';
import { agreed } from './ask.ts';
import type { certsRotateOptions } from './certs-options.ts';
import type { ArgumentsOf } from './command.ts';
import { converge } from './converge.ts';
import { days } from './days.ts';
import { withOperation } from './operation.ts';

/** Makes leaves anew and brings them out member by member, each proved by fresh handshakes; restarts nothing unasked. */
export async function certsRotate(args: ArgumentsOf<typeof certsRotateOptions>): Promise<void> {
  const wishes = {
    ...args,
    withinDays: args.within === undefined ? undefined : days(args.within),
  };
  await withOperation(
    { ...args, withConsumers: true, command: 'certs-rotate' },
    async (operation) => {
      const { desired, stop } = operation;
      await converge(operation, args, {
        plan: (facts) => planRotation(desired, facts, wishes),
        left: (facts) =>
          planCluster(desired, facts, {
            freshToken: '',
            wipe: false,
            allowDowntime: args.allowDowntime,
          }),
        confirm: async ({ cluster }) => {
          if (!args.yes) await agreed(`Rotate the certificates of ${cluster}?`, stop);
        },
      });
    },
  );
}
