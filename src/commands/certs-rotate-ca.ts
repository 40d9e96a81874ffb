import type { DesiredConsumer } from '../desired/consumers.ts';
import { unreloaded } from '../plan/ca-phase.ts';
import { planCluster } from '../plan/cluster.ts';
import type { Plan } from '../plan/plan.ts';
import { planCaRotation } from '../plan/rotate-ca.ts';
import { agreed } from './ask.ts';
import type { certsRotateCaOptions } from './certs-options.ts';
import type { ArgumentsOf } from './command.ts';
import { converge } from './converge.ts';
import { withOperation } from './operation.ts';

/** Exchanges the CA without a moment in which members distrust each other; run again, it goes on where it stopped. */
export async function certsRotateCa(args: ArgumentsOf<typeof certsRotateCaOptions>): Promise<void> {
  await withOperation(
    { ...args, withConsumers: true, command: 'certs-rotate-ca' },
    async (operation) => {
      const { desired, stop } = operation;
      let waits = false;
      await converge(operation, args, {
        plan: (facts) => {
          const plan = planCaRotation(desired, facts, args);
          waits = plan.waves.length > 0 && !provesTheEnd(plan);
          return plan;
        },
        left: (facts) =>
          planCluster(desired, facts, {
            freshToken: '',
            wipe: false,
            allowDowntime: args.allowDowntime,
          }),
        confirm: async ({ cluster }) => {
          if (!args.yes) await agreed(`Rotate the CA of ${cluster}?`, stop);
        },
      });
      if (waits && !args.json) console.log(halfWay(unreloaded(desired), args.inventory));
    },
  );
}

/** Whether the plan goes on to the proof that the old CA is refused. */
function provesTheEnd({ waves }: Plan): boolean {
  return waves.some(({ lanes }) =>
    lanes.some(({ steps }) =>
      steps.some((step) => step.kind === 'probe-listeners' && step.proof === 'former-ca-refused'),
    ),
  );
}

function halfWay(consumers: readonly DesiredConsumer[], inventory: string): string {
  const names = consumers.map(({ name, directory }) => `${name} (${directory})`).join(', ');
  return [
    `half-way: both CAs are trusted; nothing reloads ${names}`,
    `next: reload or restart them, then: provision certs rotate-ca ${inventory} --consumers-ready`,
  ].join('\n');
}
