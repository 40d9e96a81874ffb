import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { SeenMember } from '../observed/observed.ts';
import { seenMembers } from '../observed/observed.ts';
import { decide } from './decision.ts';

/** Files that come back and are not there now as provision would have them, by member: a hand has changed them, or made them. */
export function editedSince(
  desired: DesiredCluster,
  facts: ClusterFacts,
): ReadonlyMap<string, readonly string[]> {
  const decided = new Map(decide(desired, facts, {}).members.map((one) => [one.name, one]));
  return new Map(
    seenMembers(desired, facts).map(({ name, found: { former, launch } }) => {
      const differing = (decided.get(name)?.configuration ?? []).flatMap((step) =>
        step.kind === 'write-files'
          ? step.files.flatMap(({ file, before }) => (before === undefined ? [] : [file.path]))
          : [],
      );
      // Those that were kept went: what is called so now is another one.
      const remade = launch.dropIns.map(({ path }) => path);
      const isChanged = (path: string) =>
        former?.paths.includes(path) === true && !former.back.includes(path);
      return [name, [...differing, ...remade].filter(isChanged)];
    }),
  );
}

/** Drop-ins of the unit that were made since it was taken over, one line each: nothing is kept of them, and they stay. */
export function addedDropIns(
  { unit }: Pick<DesiredCluster, 'unit'>,
  members: readonly SeenMember[],
): readonly string[] {
  return members.flatMap(({ name, found: { launch, former } }) =>
    launch.dropIns.flatMap(({ path }) =>
      path.startsWith(`/etc/systemd/system/${unit}.service.d/`) &&
      former?.paths.includes(path) === false
        ? [`${name}: ${path} was added since and stays: the unit that comes back has it too`]
        : [],
    ),
  );
}

/** Whether a file is a drop-in of a unit. */
export function isDropIn(path: string): boolean {
  return path.includes('.service.d/');
}
