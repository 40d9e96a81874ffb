import type { DesiredCluster } from '../../desired/cluster.ts';
import { startedWith } from '../../desired/service.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { FileFact } from '../../facts/host/file.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { foundOf, withFound } from '../../observed/found.ts';
import { keptToken } from '../boot.ts';
import { listsOf } from '../certificates/trust.ts';

/** Members as they are seen, with the programs of this version, here and on hosts, as they were looked at. */
export function withProgramsOf(
  { version, paths }: DesiredCluster,
  seen: ClusterFacts,
  looked: ClusterFacts,
): ClusterFacts {
  const programs = looked.programs?.get(version);
  const brought = { path: `${paths.binaries}/etcd`, version, complaint: undefined };
  const members = withFound(seen, (found, name) => {
    const first = foundOf(looked, name) ?? found;
    const installed = programs ? brought : first.program.installed;
    const binaries = programs ? (programs.there.get(name) ?? new Map()) : first.binaries;
    return { ...found, binaries, program: { ...found.program, installed } };
  });
  return { ...members, binaries: (programs ?? looked).binaries };
}

/** The facts as they will be when every member runs what is desired here. */
export function factsAfterUpgrade(desired: DesiredCluster, facts: ClusterFacts): ClusterFacts {
  return withFound(facts, (found, name) => onMember(desired, facts, found, name));
}

function onMember(
  desired: DesiredCluster,
  facts: ClusterFacts,
  found: MemberFacts,
  name: string,
): MemberFacts {
  const member = desired.members.find((one) => one.name === name);
  const { process } = found.unit;
  if (member === undefined || process === undefined) return found;
  const { version, paths } = desired;
  const token = keptToken(desired, facts) ?? '';
  const start = { token, state: 'existing', ...listsOf(facts) } as const;
  const { status } = found.etcd;
  return {
    ...found,
    conf: withContent(found.conf, member.confFile(start)),
    unitFile: withContent(found.unitFile, member.unitFile),
    current: paths.binaries,
    program: { ...found.program, running: version },
    etcd: { ...found.etcd, ...(status && { status: { ...status, version } }) },
    unit: {
      ...found.unit,
      process: {
        ...process,
        executable: `${paths.binaries}/etcd`,
        environment: member.environment(start),
        account: desired.account,
        service: startedWith(desired.service),
      },
    },
  };
}

function withContent(file: FileFact | undefined, content: string): FileFact {
  const { mode, owner, modifiedAt } = file ?? { mode: 0o644, owner: 'root:root', modifiedAt: 0 };
  return { mode, owner, modifiedAt, content };
}
