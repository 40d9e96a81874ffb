import { type Argument, sh } from '../shell/command.ts';
import type { DesiredPaths } from './cluster.ts';

/** What says where the programs of a member are. */
export type ProgramPaths = Pick<DesiredPaths, 'current' | 'binaries' | 'formerLink' | 'unitFile'>;

/**
 * The directory of the programs as a word of a shell on a member's host: the link of the unit, as soon as there is an etcdctl
 * behind it. Until then the link that all units shared, where the unit starts etcd from, or where the etcd that runs is, as
 * one that something else made or another `etcd.paths.bin` of the inventory that has not arrived; or those that were brought.
 */
export function programsAt({ current, binaries, formerLink, unitFile }: ProgramPaths): Argument {
  if (current === binaries) return current;
  const unit = unitFile.slice(unitFile.lastIndexOf('/') + 1);
  const started = sh`"$(sed -n 's,^ExecStart=\\(/.*\\)/etcd$,\\1,p' ${unitFile} 2>/dev/null)"`;
  const running = sh`"$(readlink /proc/$(systemctl show ${unit} --property=MainPID --value 2>/dev/null)/exe | sed -n -E 's,/etcd( \\(deleted\\))?$,,p')"`;
  return sh`"$(if [ ! -x ${current}/etcdctl ]; then for place in ${formerLink} ${started} ${running} ${binaries}; do [ ! -x "$place/etcdctl" ] || { echo "$place"; exit; }; done; fi; echo ${current})"`;
}
