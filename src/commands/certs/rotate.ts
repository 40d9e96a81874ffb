import { planCluster } from '../../plan/cluster.ts';
import { planRotation } from '../../plan/rotate.ts';
import { answering, planRotationOf } from '../../plan/rotate-one.ts';
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
  const acceptUnreachable = args.member !== undefined;
  await withOperation(
    { ...args, acceptUnreachable, withConsumers: true, command: 'certs-rotate' },
    async (operation) => {
      const { desired, stop } = operation;
      const one = memberOf(operation, args.member);
      await converge(operation, args, {
        plan: (facts) =>
          one === undefined
            ? planRotation(desired, facts, wishes)
            : planRotationOf(one, desired, facts, wishes),
        left: (facts) =>
          one === undefined
            ? planCluster(desired, facts, keep)
            : planRotationOf(one, desired, facts, { ...wishes, withinDays: 0, restart: false }),
        ...(one !== undefined && { judged: (facts) => [one, ...answering(facts)] }),
        confirm: async ({ cluster }) => {
          if (!args.yes) await agreed(`Rotate the certificates of ${cluster}?`, stop);
        },
      });
    },
  );
}

/** The member to rotate, if it is one; those that cannot be reached are named, and are no hindrance unless it is one of them. */
function memberOf(
  { desired, unreachable, consumers }: Operation,
  wanted: string | undefined,
): string | undefined {
  const isMember = desired.members.some(({ name }) => name === wanted);
  const [first] = unreachable.values();
  const needed = wanted !== undefined && isMember ? unreachable.get(wanted) : first;
  if (needed !== undefined && !(consumers.has(wanted ?? '') && !isMember)) throw needed;
  for (const { message } of unreachable.values()) console.error(`warning: left out: ${message}`);
  return isMember ? wanted : undefined;
}
