import { randomBytes } from 'node:crypto';
import { describePlan } from '../../plan/describe.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import { brakesOf } from '../../run/brakes.ts';
import { aboutDown, lastRun } from '../../run/last-run.ts';
import { needsBut } from '../../run/needs.ts';
import { observe } from '../../run/observe.ts';
import { showRewritten } from '../../run/rewrite-inventory.ts';
import { everyHost, withSession } from '../../run/session.ts';
import { throwRefusals } from '../../run/throw-refusals.ts';
import { tellAway } from '../../run/without-hosts.ts';
import type { ArgumentsOf } from '../command.ts';
import type { planOptions } from './options.ts';

const CHANGES = 10;

/**
 * Shows what `up` would do and why: the same code up to the point where something would change. The snapshot that `up` takes
 * before an upgrade is not a step of the plan, and is not shown.
 */
export async function plan(args: ArgumentsOf<typeof planOptions>): Promise<void> {
  const needs = needsBut(args.without);
  if (args.rewriteSettings) await showRewritten(args.inventory);
  await withSession(
    {
      ...args,
      needs,
      withConsumers: true,
      withOutgoing: true,
      leaving: args.remove,
      whenUnreachable: tellAway({ command: ['plan'] }),
    },
    async (session) => {
      const { desired, store } = session;
      const hosts = everyHost(session);
      const facts = await observe(session);
      const { wipe, allowDowntime, limit, without: away, remove = [] } = args;
      const intent: Intent<'converge'> = {
        ...{ kind: 'converge', freshToken: randomBytes(16).toString('hex') },
        ...{ wipe, allowDowntime, limit, away, removes: remove },
      };
      const { narrow, heldBack } = brakesOf(desired, args);
      const planned = narrow(planFor(desired, facts, intent), facts);
      if (args.json && planned.refusals.length === 0) console.log(JSON.stringify(planned));
      // What a purge has left half-way looks like lost disks.
      if (planned.refusals.length > 0) {
        const down = aboutDown(await lastRun(session), desired.name);
        throwRefusals({ ...planned, refusals: [...down, ...planned.refusals] }, args);
      }
      if (planned.waves.length > 0) {
        await (await import('../../run/preflight.ts')).preflight(desired, facts, planned, hosts);
        const { refuseDifferentData } = await import('../../run/refuse-different-data.ts');
        await refuseDifferentData(desired, session.hosts, facts, planned, store);
      }
      const later = heldBack();
      if (!args.json) console.log(describePlan(planned));
      if (!args.json && later !== undefined) console.log(`\n${later.message}`);
      if (args.exitCode && planned.waves.length > 0) process.exitCode = CHANGES;
    },
  );
}
