import type { DesiredMember, FirstStart } from '../../desired/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';

/** What will be found on a member once it has been restarted with its new configuration; later waves are planned from it. */
function afterChange(found: MemberFacts, member: DesiredMember, start: FirstStart): MemberFacts {
  const file = { mode: 0o644, owner: 'root:root', modifiedAt: 0 };
  const { process } = found.unit;
  return {
    ...found,
    conf: { ...file, content: member.confFile(start) },
    unitFile: { ...file, content: member.unitFile },
    unit: {
      ...found.unit,
      enabled: true,
      stale: false,
      process: process && { ...process, environment: member.environment(start) },
    },
  };
}

/** The same for a member that may not run yet: it does then. */
export function afterStart(
  found: MemberFacts,
  member: DesiredMember,
  start: FirstStart,
): MemberFacts {
  const executable = found.unit.process?.executable ?? `${found.current}/etcd`;
  const process = { executable, environment: member.environment(start) };
  const { unit, ...changed } = afterChange(found, member, start);
  return { ...changed, unit: { ...unit, pid: unit.pid || UNKNOWN_PID, active: 'active', process } };
}

const UNKNOWN_PID = 1;
