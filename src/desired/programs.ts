import { type Argument, sh } from '../shell/command.ts';
import type { DesiredPaths } from './cluster.ts';

/** What says where the programs of a member are. */
export type ProgramPaths = Pick<DesiredPaths, 'current' | 'binaries' | 'formerLink' | 'unitFile'>;

/**
 * The directory of the programs as a word of a shell on a member's host: the link of the unit; the one that all units
 * shared, as long as `up` has not made the unit its own; or where the unit starts etcd from, as long as another `etcd.paths.bin`
 * of the inventory has not arrived.
 */
export function programsAt({ current, binaries, formerLink, unitFile }: ProgramPaths): Argument {
  if (current === binaries) return current;
  const started = sh`sed -n 's,^ExecStart=\\(/.*\\)/etcd$,\\1,p' ${unitFile} 2>/dev/null`;
  return sh`"$(if [ -e ${current} ]; then echo ${current}; elif [ -e ${formerLink} ]; then echo ${formerLink}; else ${started} | grep . || echo ${current}; fi)"`;
}
