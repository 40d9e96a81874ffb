/** What a purge removes on a member's host, and what it leaves because others use it. */
export interface HostPurge {
  readonly cluster: string;
  /** The directory of programs and links. */
  readonly bin: string;
  /** The timers of its snapshots and its housekeeping, to be stopped first; none that is not this cluster's. */
  readonly timers: readonly string[];
  /** Files, links and directories with all that is in them. */
  readonly remove: readonly string[];
  /** The link to the certificates with the directories behind it. */
  readonly pki: string | undefined;
  /** Links and directories of programs, removed only if nobody uses them by then. */
  readonly programs: readonly string[];
  /** Links to programs that are its own or nobody's, so that they keep no program. */
  readonly ownLinks: readonly string[];
  /** Removed where nothing is left in them. */
  readonly ifEmpty: readonly string[];
  readonly kept: readonly KeptPath[];
}

/** What stays although it is purged, and who uses it. */
export interface KeptPath {
  readonly path: string;
  readonly users: readonly string[];
}

/** Everything that a purge removes, unless others use it by then. */
export function pathsToRemove({ remove, pki, programs }: HostPurge): readonly string[] {
  return [...remove, ...(pki === undefined ? [] : [pki]), ...programs];
}
