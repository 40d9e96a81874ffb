import { randomBytes } from 'node:crypto';
import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { observed } from '../../observed/observed.ts';
import { planFor } from '../../plan/intent.ts';
import { replacing, withoutFormerMember } from '../../plan/membership/replacing.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { typedPhrase } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import { withOperation } from '../../run/operation.ts';
import { refuseDifferentData } from '../../run/refuse-different-data.ts';
import type { ArgumentsOf } from '../command.ts';
import type { memberReplaceOptions } from './options.ts';

/** Puts a new member of the same name in the place of one that is lost; a run that was cut off is finished by the next. */
export async function memberReplace(args: ArgumentsOf<typeof memberReplaceOptions>): Promise<void> {
  const { member, allowDowntime, inventory, passphraseFrom, timeout, json } = args;
  const limits = { inventory, passphraseFrom, timeout, json };
  const freshToken = randomBytes(16).toString('hex');
  await withOperation(
    { ...args, needs: 'any-host', command: 'member-replace' },
    async (operation) => {
      const { desired, hosts, store, stop } = operation;
      const planned = (force: boolean) => (facts: ClusterFacts) => {
        refuseUnreachable(desired, facts, member);
        return planFor(desired, facts, {
          kind: 'replace-member',
          member,
          force,
          freshToken,
          allowDowntime,
        });
      };
      await changeCluster(operation, limits, {
        plan: planned(args.force),
        remaining: planned(false),
        comparesData: true,
        confirm: async (decided, facts) => {
          const place = replacing(desired, facts, member);
          // What the member itself holds is given up; the others must not differ.
          const staying = place === undefined ? facts : withoutFormerMember(facts, place);
          await refuseDifferentData(desired, hosts, staying, decided, store);
          if (!args.yes) await typedPhrase(`replace ${member}`, '--yes', stop);
        },
      });
    },
  );
}

/** The new member runs where the inventory says. Throws a Failure (unreachable) where that cannot be reached. */
function refuseUnreachable(desired: DesiredCluster, facts: ClusterFacts, name: string): void {
  const member = observed(desired, facts).members.find((one) => one.name === name);
  if (member?.unreachable === undefined) return;
  const { reason, message, cause, log } = member.unreachable;
  throw new Failure(reason, message, {
    ...{ cause, log },
    next: [
      remedy`the new ${name} runs on the host that the inventory names: bring that back, or put the address of another host there`,
      remedy`do without it: take ${name} out of the inventory, then ${provision('up', INVENTORY, '--remove', name)}`,
    ],
  });
}
