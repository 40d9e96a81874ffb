import { observed } from '../../observed/observed.ts';
import { planCluster } from '../../plan/cluster.ts';
import { planRotation } from '../../plan/rotate.ts';
import { planRotationOf } from '../../plan/rotate-one.ts';
import { days } from '../../report/days.ts';
import { agreed } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import type { Operation } from '../../run/operation.ts';
import { withOperation } from '../../run/operation.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsRotateOptions } from './options.ts';

/** Renews leaves and brings them out member by member, each proved by fresh handshakes; restarts nothing unasked. */
export async function certsRotate(args: ArgumentsOf<typeof certsRotateOptions>): Promise<void> {
  const wishes = {
    ...args,
    withinDays: args.within === undefined ? undefined : days(args.within),
  };
  const keep = { freshToken: '', wipe: false, allowDowntime: args.allowDowntime };
  const needs = args.member === undefined ? 'every-host' : { host: args.member };
  await withOperation(
    { ...args, needs, withConsumers: true, command: 'certs-rotate' },
    async (operation) => {
      const { desired, stop } = operation;
      const one = holderOf(operation, args.member);
      await converge(operation, args, {
        plan: (facts) =>
          one === undefined
            ? planRotation(desired, facts, wishes)
            : planRotationOf(one, desired, facts, wishes),
        left: (facts) =>
          one === undefined
            ? planCluster(desired, facts, keep)
            : planRotationOf(one, desired, facts, { ...wishes, withinDays: 0, restart: false }),
        ...(one !== undefined && {
          judged: (facts) => [one, ...observed(desired, facts).answers.map(({ name }) => name)],
        }),
        confirm: async ({ cluster }) => {
          if (!args.yes) await agreed(`Rotate the certificates of ${cluster}?`, stop);
        },
      });
    },
  );
}

/** The member or consumer to rotate, if it is one; others that cannot be reached are named, and are no hindrance. */
function holderOf(
  { desired, unreachable }: Operation,
  wanted: string | undefined,
): string | undefined {
  for (const { message } of unreachable.values()) console.error(`warning: left out: ${message}`);
  return [...desired.members, ...desired.consumers].find(({ name }) => name === wanted)?.name;
}
