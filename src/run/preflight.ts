import { type Trial, tryProgram, UNFIT, unfit } from '../binaries/trial.ts';
import { cheapFindings } from '../check/cheap.ts';
import { isProblem } from '../check/verdict.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { Failure } from '../failure/failure.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import { placed } from '../plan/lane.ts';
import type { Plan } from '../plan/plan.ts';
import { sh } from '../shell/command.ts';
import { refuseClosedPorts } from './refuse-closed-ports.ts';
import { refuseUncoveredSource } from './refuse-uncovered-source.ts';
import { refusalOf } from './throw-refusals.ts';

/**
 * What is asked before anything is changed: the cheap checks, whether members that are waited for or stopped and the others
 * reach each other, then every program that is to be started and is on its host
 * already is run there. Throws one Failure that names every host.
 */
export async function preflight(
  desired: DesiredCluster,
  facts: ClusterFacts,
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  refuseUnfit(desired, facts);
  await refuseClosedPorts(desired, facts, plan, hosts);
  await refuseUncoveredSource(desired, plan, hosts);
  const steps = plan.waves.flatMap(({ lanes }) => placed(lanes));
  const isBrought = (host: string) =>
    steps.some(
      (one) => one.place === host && one.step.kind === 'upload' && one.step.binary.name === 'etcd',
    );
  const started = new Map(
    steps.flatMap(({ place, step }) =>
      (step.kind === 'start-unit' || step.kind === 'restart-unit') && step.program !== undefined
        ? [[place, step.program] as const]
        : [],
    ),
  );
  const programs = [...started].filter(([name]) => !isBrought(name));
  const failures = await Promise.all(
    programs.map(async ([name, program]) => {
      const host = hosts.get(name);
      return host && tryOn(host, desired, program);
    }),
  );
  throwTogether(failures.filter((one) => one !== undefined));
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
