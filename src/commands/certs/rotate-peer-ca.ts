import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { commandText } from '../../problem/render.ts';
import type { Report } from '../../report/report.ts';
import { agreed } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import { withOperation } from '../../run/operation.ts';
import { TRUST_OF_ALL, tellAway } from '../../run/without-hosts.ts';
import type { ArgumentsOf } from '../command.ts';
import { refuseBesideRestore } from '../restore/unfinished-restore.ts';
import type { certsRotateCaOptions } from './options.ts';

/** Gives peers a CA of their own, or exchanges it, without a moment in which members distrust each other. */
export async function rotatePeerCa(args: ArgumentsOf<typeof certsRotateCaOptions>): Promise<void> {
  if (args.peer && args.split) {
    throw new Failure('usage', '--peer and --split exclude each other', {
      next: [remedy`--split gives peers a CA of their own; --peer exchanges the one they have`],
    });
  }
  const { split, allowDowntime, again } = args;
  const intent: Intent<'rotate-peer-ca'> = { kind: 'rotate-peer-ca', split, allowDowntime, again };
  const remaining: Intent<'converge'> = { kind: 'converge', allowDowntime };
  await withOperation(
    {
      ...args,
      ...(split && { peerCa: 'separate' }),
      whenUnreachable: tellAway(TRUST_OF_ALL),
      command: 'certs-rotate-ca',
    },
    async (operation) => {
      const { desired, hosts, stop } = operation;
      await refuseBesideRestore(desired, hosts);
      const { otherPeerCa: _, ...wanted } = { ...desired, consumers: [] };
      await changeCluster(operation, args, {
        plan: (facts) => planFor(desired, facts, intent),
        remaining: (facts) => planFor(wanted, facts, remaining),
        confirm: async ({ cluster }) => {
          const question = split
            ? `Give the peers of ${cluster} a CA of their own?`
            : `Rotate the CA of the peers of ${cluster}?`;
          if (!args.yes) await agreed(question, stop);
        },
        report: async (facts) => ended(facts, args),
      });
    },
  );
}

/** That it is over, since when, and what exchanges the CA once more. */
function ended(
  { peerRotation: { record } }: ClusterFacts,
  { split, inventory }: ArgumentsOf<typeof certsRotateCaOptions>,
): Report {
  const since = record?.proven === undefined ? '' : ` since ${record.proven.slice(0, 16)}Z`;
  const done = split
    ? 'done: peers have a CA of their own'
    : `done: peers trust the new CA alone${since}`;
  const again = provision('certs', 'rotate-ca', INVENTORY, '--peer', '--again');
  const more = `to exchange it once more: ${commandText(again, inventory)}`;
  return {
    lines: split ? [done] : [done, more],
    data: { peerCa: { done: true, ...(record?.proven && { since: record.proven }) } },
  };
}
