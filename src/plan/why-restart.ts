import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { differingStart, startedWith } from '../desired/service.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { Boot } from './boot.ts';
import { listsOf, trustFiles } from './certificates/trust.ts';
import { handoverOf } from './handover.ts';
import { waitsForStart } from './refusing/service-refusals.ts';
import { runningVersion } from './refusing/versions.ts';

/**
 * Why the running process has to be restarted, if it has to. What it was started with is asked from the process itself, so
 * a run killed half-way leaves no doubt.
 */
export function whyRestart(
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: ClusterFacts,
  found: MemberFacts,
  boot: Pick<Boot, 'token' | 'formed'>,
): string | undefined {
  const { unit, pki, machine } = found;
  const { process, startedAt = 0 } = unit;
  if (process === undefined) return undefined;
  const wanted = member.environment({
    token: boot.token,
    state: 'existing',
    ...listsOf(facts),
  });
  const names = new Set([...process.environment.keys(), ...wanted.keys()]);
  const differing = [...names].filter(
    (name) => !FIRST_START_ONLY.has(name) && process.environment.get(name) !== wanted.get(name),
  );
  const server = `${cluster.paths.binaries}/etcd`;
  const version = runningVersion(found);
  const isInstalled = cluster.paths.current === cluster.paths.binaries;
  const isOtherPatch = isInstalled && version !== undefined && version !== cluster.version;
  const resources = differingStart(process.service ?? '', startedWith(cluster.service), (name) =>
    waitsForStart(name, machine),
  );
  // A file of the future was written before the clock was set right, and tells nothing.
  const isNewer = (modifiedAt = 0) => modifiedAt > startedAt && modifiedAt <= machine.clock;
  const reasons = [
    ...(differing.length > 0 ? [`it runs with another ${differing.join(', ')}`] : []),
    ...(resources.length > 0 ? [`it runs with ${resources.join(', ')}`] : []),
    ...(handoverOf(cluster, found)
      ? [`it runs as ${process.account}; the inventory says etcd.user: ${cluster.account}`]
      : []),
    ...(isInstalled || runsWanted(facts, found, server)
      ? []
      : process.executable === server
        ? ['its program is replaced']
        : [`it runs ${process.executable}, not ${server}`]),
    ...(process.arguments
      ? [`it runs with ${process.arguments}, which its unit does not say`]
      : []),
    ...(isOtherPatch ? [`it runs etcd ${version}, and ${server} is ${cluster.version}`] : []),
    ...(trustChanges(cluster, facts, pki) ||
    trustFiles(cluster, facts).some(({ bundle }) => isNewer(pki.files.get(bundle)?.modifiedAt))
      ? ['it reads changed CAs only at its start']
      : []),
  ];
  return reasons.length === 0 ? undefined : reasons.join(', ');
}

const DELETED = / \(deleted\)$/;

/** Whether the program that runs is the wanted one by its place and content: a copy of it may have come in its place. */
function runsWanted(
  { binaries }: Pick<ClusterFacts, 'binaries'>,
  { unit, program, binaries: there }: MemberFacts,
  server: string,
): boolean {
  const executable = unit.process?.executable ?? '';
  if (executable.replace(DELETED, '') !== server) return false;
  const installed = there.get('etcd')?.sha256;
  const wanted = binaries.find(({ name }) => name === 'etcd')?.sha256 ?? installed;
  const isGone = DELETED.test(executable);
  const runs = program.runningSha256 ?? (isGone ? undefined : installed);
  return wanted === undefined ? !isGone : runs === wanted;
}

// etcd ignores them once it has a log (etcd-facts §3.1), so a difference is not a reason to restart.
const FIRST_START_ONLY: ReadonlySet<string> = new Set([
  'ETCD_INITIAL_CLUSTER',
  'ETCD_INITIAL_CLUSTER_STATE',
  'ETCD_INITIAL_CLUSTER_TOKEN',
]);

/** Whether a member trusts other CAs than the store wants; a member without any has none to change. */
function trustChanges(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  { files }: MemberFacts['pki'],
): boolean {
  return trustFiles(cluster, facts).some(({ bundle, sha256 }) => {
    const trusted = files.get(bundle)?.sha256;
    return sha256 !== undefined && trusted !== undefined && trusted !== sha256;
  });
}
