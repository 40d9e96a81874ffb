import { Failure } from '../failure/failure.ts';
import { planCluster } from '../plan/cluster.ts';
import { planPeerCa } from '../plan/rotate-peer-ca.ts';
import { agreed } from './ask.ts';
import type { certsRotateCaOptions } from './certs-options.ts';
import type { ArgumentsOf } from './command.ts';
import { converge } from './converge.ts';
import { withOperation } from './operation.ts';

/** Gives peers a CA of their own, or exchanges it, without a moment in which members distrust each other. */
export async function rotatePeerCa(args: ArgumentsOf<typeof certsRotateCaOptions>): Promise<void> {
  if (args.peer && args.split) {
    throw new Failure('usage', '--peer and --split exclude each other', {
      next: '--split gives peers a CA of their own; --peer exchanges the one they have',
    });
  }
  const { split, allowDowntime } = args;
  await withOperation(
    { ...args, ...(split && { peerCa: 'separate' }), command: 'certs-rotate-ca' },
    async (operation) => {
      const { desired, stop } = operation;
      const { otherPeerCa: _, ...wanted } = { ...desired, consumers: [] };
      await converge(operation, args, {
        plan: (facts) => planPeerCa(desired, facts, { split, allowDowntime }),
        left: (facts) => planCluster(wanted, facts, { freshToken: '', wipe: false, allowDowntime }),
        confirm: async ({ cluster }) => {
          const question = split
            ? `Give the peers of ${cluster} a CA of their own?`
            : `Rotate the CA of the peers of ${cluster}?`;
          if (!args.yes) await agreed(question, stop);
        },
      });
    },
  );
}
