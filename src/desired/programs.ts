import { type Argument, sh } from '../shell/command.ts';
import type { DesiredPaths } from './cluster.ts';

/**
 * The directory of the programs as a word of a shell on a member's host: the link of the unit, or the one that all units
 * shared, as long as `up` has not made the unit its own.
 */
export function programsAt({
  current,
  binaries,
  formerLink,
}: Pick<DesiredPaths, 'current' | 'binaries' | 'formerLink'>): Argument {
  if (current === binaries) return current;
  return sh`"$([ -e ${current} ] && echo ${current} || echo ${formerLink})"`;
}
