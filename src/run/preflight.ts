import { type Trial, tryProgram, UNFIT, unfit } from '../binaries/trial.ts';
import { cheapFindings } from '../check/cheap.ts';
import { isProblem } from '../check/verdict.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { Failure } from '../failure/failure.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import { foundOf } from '../observed/found.ts';
import { placed } from '../plan/lane.ts';
import { revisionOf } from '../plan/pending.ts';
import type { Plan } from '../plan/plan.ts';
import { sh } from '../shell/command.ts';
import { refuseClosedPorts } from './refuse-closed-ports.ts';
import { refuseUncoveredSource } from './refuse-uncovered-source.ts';
import { refusalOf } from './throw-refusals.ts';

/**
 * What is asked before anything is changed: the cheap checks, whether members that are waited for or stopped and the others
 * reach each other, whether programs can be had, and side by side with it every program that is to be started and is on its
 * host already is run there, unless it runs there as it would be. Throws one Failure that names every host.
 */
export async function preflight(
  desired: DesiredCluster,
  facts: ClusterFacts,
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  refuseUnfit(desired, facts);
  const [ports, source, programs] = await Promise.allSettled([
    refuseClosedPorts(desired, facts, plan, hosts),
    refuseUncoveredSource(desired, plan, hosts),
    tryPrograms(desired, facts, plan, hosts),
  ]);
  for (const one of [ports, source, programs]) if (one.status === 'rejected') throw one.reason;
}

async function tryPrograms(
  desired: DesiredCluster,
  facts: ClusterFacts,
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const failures = await Promise.all(
    [...programsToTry(facts, plan)].map(async ([name, program]) => {
      const host = hosts.get(name);
      return host && tryOn(host, desired, program);
    }),
  );
  throwTogether(failures.filter((one) => one !== undefined));
}

/** The programs that a plan starts and does not bring, by host, but for those that were seen to run there as they would be. */
export function programsToTry(
  facts: ClusterFacts,
  { waves }: Pick<Plan, 'waves'>,
): ReadonlyMap<string, Trial> {
  const steps = waves.flatMap(({ lanes }) => placed(lanes));
  const isBrought = (host: string) =>
    steps.some(
      (one) => one.place === host && one.step.kind === 'upload' && one.step.binary.name === 'etcd',
    );
  const started = steps.flatMap(({ place, step }) =>
    (step.kind === 'start-unit' || step.kind === 'restart-unit') && step.program !== undefined
      ? [[place, step.program] as const]
      : [],
  );
  return new Map(
    [...new Map(started)].filter(
      ([name, program]) => !isBrought(name) && !runs(foundOf(facts, name), program),
    ),
  );
}

/** Whether a member runs this very file as its unit says: then a trial would only show the same. */
function runs(found: MemberFacts | undefined, { account, unitFile, version }: Trial): boolean {
  if (found === undefined) return false;
  const { program, unit } = found;
  const { process } = unit;
  const revision = revisionOf(unitFile);
  return (
    program.isOne === true &&
    program.running === version &&
    process?.account === account &&
    revision !== undefined &&
    process.unit === revision
  );
}

async function tryOn(
  host: Host,
  desired: DesiredCluster,
  trial: Trial,
): Promise<Failure | undefined> {
  const path = `${desired.paths.binaries}/etcd`;
  const { exitCode, stdout } = await host.run(tryProgram(sh`${path}`, trial));
  return exitCode === UNFIT ? unfit(host.name, path, trial.version, stdout) : undefined;
}

/** Says what the cheap checks warn of; throws one Failure for what they call unfit. Asks the hosts nothing. */
function refuseUnfit(desired: DesiredCluster, facts: ClusterFacts): void {
  const findings = cheapFindings(desired, facts);
  for (const { severity, about, kind, sentence } of findings)
    if (severity === 'warn') console.error(`warning: ${about}: ${kind}: ${sentence}`);
  const failed = findings.filter(isProblem).filter(({ severity }) => severity === 'fail');
  if (failed.length === 0) return;
  const problems = failed.map((one) => ({
    ...one,
    sentence: `${one.about}: ${one.kind}: ${one.sentence}`,
  }));
  throw refusalOf(desired.name, problems);
}
