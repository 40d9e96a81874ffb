import { ownPlaces } from '../desired/access.ts';
import { corruptionAlarms } from '../observed/corruption.ts';
import { observed } from '../observed/observed.ts';
import type { Decision } from './decision.ts';
import type { Wave } from './plan.ts';
import { inGivenOrder, rolling, type Turn } from './rolling.ts';
import type { HostStep } from './step.ts';

/** What a turn is called that does nothing else. */
export const DISARM = 'disarm the alarm of a member that has left';

/** Ends the alarms of members that are not in the list; nothing where there are none. */
export function disarmSteps(
  desired: Parameters<typeof ownPlaces>[0],
  ended: readonly string[],
): readonly HostStep[] {
  if (ended.length === 0) return [];
  const because = 'while it stands, etcd takes no writes';
  return [{ kind: 'forget-alarms', own: ownPlaces(desired), ended, because }];
}

/** What `up` does first where a member has left, and its corruption alarm stands. */
export function disarmFormer(
  { desired, facts }: Pick<Decision, 'desired' | 'facts'>,
  among: readonly string[],
): readonly Wave[] {
  const { former } = corruptionAlarms(desired, facts);
  const host = observed(desired, facts).contact?.name;
  if (host === undefined) return [];
  const turn = (): Turn => ({
    title: DISARM,
    steps: disarmSteps(desired, former),
    undo: [],
    ends: former,
  });
  return rolling([{ name: host }], turn, { among, order: inGivenOrder });
}
