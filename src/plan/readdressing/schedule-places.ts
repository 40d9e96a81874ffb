import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { scheduledPlaces } from '../../desired/schedule.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers } from '../../observed/observed.ts';
import { onHost } from '../lane.ts';
import type { Wave } from '../plan.ts';
import type { QuietStep } from '../step.ts';
import { unnoticed } from '../unnoticed.ts';

/**
 * Has scheduled snapshots name the members where they are now: each record tells by them whose it is. Comes last, when the
 * members are there.
 */
export function placesInSchedules(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  isMeant: (member: string) => boolean,
): readonly Wave[] {
  const meant = seenMembers(cluster, facts).filter(({ name }) => isMeant(name));
  const lanes = meant.map(({ name, desired, found }) =>
    onHost(name, stepsFor(cluster, desired, found)),
  );
  return unnoticed('name the members in the schedule of snapshots', lanes);
}

function stepsFor(
  cluster: DesiredCluster,
  { name }: DesiredMember,
  { script, places }: MemberFacts,
): readonly QuietStep[] {
  const { paths } = cluster;
  const place = places.get(paths.script);
  if (script === undefined || place?.kind !== 'file') return [];
  if (place.header?.cluster !== cluster.name) return [];
  const content = scheduledPlaces(cluster, name, script.content);
  if (content === script.content) return [];
  const because = 'it names members where they are not';
  const file = { path: paths.script, content, mode: 0o755, owner: 'root:root' };
  return [{ kind: 'write-files', files: [{ file, before: script.content, because }], because }];
}
