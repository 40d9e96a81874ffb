import type { DesiredCluster } from '../../desired/cluster.ts';
import { isAt } from '../../etcd/peer-url.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { remedy } from '../../problem/remedy.ts';
import { CONCERNS, type Concern } from '../concern.ts';
import { HERE_CONCERNS, type HereStep } from '../here-step.ts';
import { placed } from '../lane.ts';
import type { Refusal, Wave } from '../plan.ts';
import { type Step, TOUCH } from '../step.ts';

/** What of a plan a member that is away would have to know or take part in; empty where it can do without. */
export function everybodyRefusals(
  { name }: Pick<DesiredCluster, 'name'>,
  waves: readonly Wave[],
  away: readonly string[],
): readonly Refusal[] {
  return becauseOf(name, away, new Set(concerns(waves)));
}

/** Another minor version: the cluster takes it up with all members, and who comes back with another one has no part in it. */
export function otherMinorRefusals(
  { name, version }: Pick<DesiredCluster, 'name' | 'version'>,
  away: readonly string[],
): readonly Refusal[] {
  return becauseOf(name, away, new Set([`etcd ${version} is another minor version`]));
}

/** Members that the inventory has at another address or peer port: the list would name that. */
export function movedRefusals(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  away: readonly string[],
): readonly Refusal[] {
  const moved = observed(desired, facts).members.flatMap(
    ({ name, listed, desired: { peerUrl } }) =>
      listed === undefined || listed.peerUrls.length === 0 || isAt(listed, peerUrl) ? [] : [name],
  );
  if (moved.length === 0) return [];
  const reason = `${moved.join(', ')} would be reached at another address or peer port`;
  return becauseOf(desired.name, away, new Set([reason]));
}

function concerns(waves: readonly Wave[]): readonly string[] {
  const all = placed(waves.flatMap(({ lanes }) => lanes));
  return all.flatMap(({ step }) => {
    const concern = concernOf(step.kind);
    return concern === 'nothing' ? [] : CONCERNS[concern];
  });
}

function concernOf(kind: Step['kind']): Concern {
  return isHereKind(kind) ? HERE_CONCERNS[kind] : TOUCH[kind][1];
}

function isHereKind(kind: Step['kind']): kind is HereStep['kind'] {
  return Object.hasOwn(HERE_CONCERNS, kind);
}

function becauseOf(
  name: string,
  away: readonly string[],
  reasons: ReadonlySet<string>,
): readonly Refusal[] {
  return [...reasons].map((reason) => ({
    kind: 'needs-everybody',
    about: away,
    sentence: `${name}: ${reason}, which ${away.join(', ')} would have to know`,
    next: [
      remedy`bring ${away.join(', ')} back first, then run the same command without --without`,
    ],
  }));
}
