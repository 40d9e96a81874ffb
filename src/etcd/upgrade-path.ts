import { isOlder, type MinorVersion, minorOf, newestOf, patchOf, VERSIONS } from './versions.ts';

/**
 * The versions that a member passes through on its way to a later one, which is the last of them: every minor version in
 * between, and before the next one a patch from which one may go on (etcd-facts §6.1). Nothing where the way does not lead
 * up, or over versions that provision does not know.
 */
export function upgradePath(from: string, to: string): readonly string[] {
  if (!isOlder(from, to)) return [];
  const first = VERSIONS.findIndex(({ minor }) => minor === minorOf(from));
  const last = VERSIONS.findIndex(({ minor }) => minor === minorOf(to));
  if (first === -1 || last === -1) return [];
  const between = VERSIONS.slice(first, last).flatMap(({ minor, goesOnFrom = 0 }, at) =>
    at === 0 && patchOf(from) >= goesOnFrom ? [] : [newestOf(minor)],
  );
  return [...between, to];
}

/** Whether going from one version to the other changes the minor version. */
export function changesMinor(from: string, to: string): boolean {
  return minorOf(from) !== minorOf(to);
}

/**
 * Whether a running cluster goes back from one version to the other: by one minor version, where etcd can, and to a patch
 * from which it can go on again.
 */
export function canGoBack(from: string, to: string): boolean {
  const back = minorBefore(from);
  return back !== undefined && minorOf(to) === back.minor && patchOf(to) >= (back.goesOnFrom ?? 0);
}

/** The minor version to which a running cluster goes back from this one, if to any. */
export function minorBefore(version: string): MinorVersion | undefined {
  const at = VERSIONS.findIndex(({ minor }) => minor === minorOf(version));
  return VERSIONS[at]?.goesBack === true ? VERSIONS[at - 1] : undefined;
}
