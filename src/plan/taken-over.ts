import type { DesiredCluster } from '../desired/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { FormerFiles } from './former-step.ts';
import type { QuietStep } from './step.ts';

/** What is done with the files of somebody else before ours come in their place; nothing where nothing is taken over. */
export function takenOver(
  cluster: Pick<DesiredCluster, 'unit' | 'paths'>,
  { adopted }: Pick<MemberFacts, 'adopted'>,
): readonly QuietStep[] {
  if (adopted === undefined) return [];
  const { dropIns } = adopted;
  return [
    {
      kind: 'keep-former',
      former: formerFiles(cluster, dropIns),
      because: 'somebody else made them, and they can be put back',
    },
    ...(dropIns.length === 0
      ? []
      : [{ kind: 'remove', paths: dropIns, because: 'they would change the unit' } as const]),
  ];
}

/** Why a running member is restarted that is taken over. */
export function whyTakenOver({ adopted }: Pick<MemberFacts, 'adopted'>): string | undefined {
  return adopted && 'it runs by a unit that provision did not make';
}

/** The files of somebody else that ours come in the place of, and where they are kept. */
export function formerFiles(
  { unit, paths }: Pick<DesiredCluster, 'unit' | 'paths'>,
  dropIns: readonly string[],
): FormerFiles {
  return {
    unit,
    directory: `/var/lib/provision/adopted/${unit}`,
    paths: [paths.unitFile, paths.confFile, ...dropIns],
  };
}
