import type { DesiredCluster } from '../../desired/cluster.ts';
import { maintenancePlaces } from '../../desired/maintenance-schedule.ts';
import { schedulePlaces } from '../../desired/schedule.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers } from '../../observed/observed.ts';
import { onHost } from '../lane.ts';
import type { Wave } from '../plan.ts';
import type { QuietStep } from '../step.ts';
import { unnoticed } from '../unnoticed.ts';
import { usersOf } from './program-users.ts';

/**
 * Ends the link to programs that all units of a host shared: the member's own schedule of snapshots goes over to the link
 * of its unit, and where nobody else names the shared link, it goes. Comes last, when the units have gone over.
 */
export function leaveFormerLink(cluster: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const lanes = seenMembers(cluster, facts).map(({ name, found }) =>
    onHost(name, stepsFor(cluster, found)),
  );
  return unnoticed('leave the link that all units shared', lanes);
}

function stepsFor(
  cluster: DesiredCluster,
  { script, tenants, places }: MemberFacts,
): readonly QuietStep[] {
  const { paths, unit } = cluster;
  if (paths.current === paths.binaries) return [];
  const place = places.get(paths.script);
  const isOurs = place?.kind === 'file' && place.header?.cluster === cluster.name;
  const before = `\nprograms=${paths.formerLink}\n`;
  const goesOver = script !== undefined && isOurs && script.content.includes(before);
  const own = [
    `${unit}.service`,
    schedulePlaces(cluster).service,
    maintenancePlaces(cluster).service,
    ...(goesOver ? [paths.script] : []),
  ];
  const users = usersOf(paths.formerLink, tenants, paths.bin, (who) => own.includes(who));
  const isThere = tenants.links.has('current');
  return [
    ...(goesOver
      ? [
          {
            kind: 'write-files',
            files: [
              {
                file: {
                  path: paths.script,
                  content: script.content.replace(before, `\nprograms=${paths.current}\n`),
                  mode: 0o755,
                  owner: 'root:root',
                },
                before: script.content,
                because: 'it names the link that all units shared',
              },
            ],
            because: 'it names the link that all units shared',
          } as const,
        ]
      : []),
    ...(isThere && users.length === 0
      ? [
          {
            kind: 'remove-unused',
            cluster: cluster.name,
            bin: paths.bin,
            paths: [paths.formerLink],
            because: 'no unit, process or script on the host names it',
          } as const,
        ]
      : []),
  ];
}
