import { keepsTheirs } from '../../facts/adopted.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers } from '../../observed/found.ts';
import type { Refusal } from '../plan.ts';
import { takeOver } from './take-over.ts';

/** What is asked for, as far as it decides whether it can be done beside a layout of somebody else. */
interface Asked {
  readonly kind: string;
  readonly wipe?: boolean;
  readonly purge?: boolean;
}

/** What is done to members whose layout is kept: nothing of it is written into their unit, configuration, program or data. */
const DONE: ReadonlySet<string> = new Set([
  ...['converge', 'rotate-leaves', 'schedule', 'reboot', 'down', 'give-back'],
  ...['move-leader', 'promote-member', 'remove-stranger'],
  ...['defragment', 'compact', 'disarm', 'free-space'],
]);

/** How a person calls what is not. */
const CALLED: Readonly<Record<string, string>> = {
  'rotate-ca': 'another CA',
  'rotate-peer-ca': 'another CA for peers',
  revoke: 'a revocation list',
  switch: 'the other protocol',
  'cut-off': 'the other protocol',
  restore: 'restored data',
  'replace-member': 'a new member in its place',
};

/** Why an intent comes to nothing where members keep the layout that somebody else gave them. */
export function keptFrom(
  asked: Asked,
  facts: Pick<ClusterFacts, 'members'> | undefined,
): readonly Refusal[] {
  const what = whatIsNotDone(asked);
  const found = what === undefined || facts === undefined ? [] : foundMembers(facts);
  const kept = found.flatMap(([name, one]) => (keepsTheirs(one) ? [name] : []));
  if (kept.length === 0) return [];
  return [
    {
      kind: 'layout-kept',
      about: kept,
      sentence: `${kept.join(', ')}: ${what} would change what somebody else has set up there, and with layout: keep that stays as it is`,
      next: [takeOver],
    },
  ];
}

function whatIsNotDone({ kind, wipe, purge }: Asked): string | undefined {
  if (wipe === true) return 'empty data';
  if (purge === true) return 'a purge';
  return DONE.has(kind) ? undefined : (CALLED[kind] ?? kind);
}
