import { keepsTheirs } from '../../facts/adopted.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers } from '../../observed/found.ts';
import type { Refusal } from '../plan.ts';
import { takeOver } from './take-over.ts';

/** What is not done to members whose layout is kept, by intent: all of it is written into their unit or configuration. */
const NOT_DONE: Readonly<Record<string, string>> = {
  'rotate-ca': 'another CA',
  'rotate-peer-ca': 'another CA for peers',
  revoke: 'a revocation list',
  switch: 'the other protocol',
  'cut-off': 'the other protocol',
  restore: 'restored data',
  purge: 'a purge',
};

/** Why an intent comes to nothing where members keep the layout that somebody else gave them. */
export function keptFrom(
  kind: string,
  facts: Pick<ClusterFacts, 'members'> | undefined,
): readonly Refusal[] {
  const what = NOT_DONE[kind];
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
