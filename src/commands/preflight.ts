import { cheapFindings } from '../check/cheap.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';

/** Says what the cheap checks warn of; throws one Failure for what they call unfit. Asks the hosts nothing. */
export function refuseUnfit(desired: DesiredCluster, facts: ClusterFacts): void {
  const findings = cheapFindings(desired, facts);
  for (const { verdict, host, check, reason } of findings)
    if (verdict === 'warn') console.error(`warning: ${host}: ${check}: ${reason}`);
  const failed = findings.filter(({ verdict }) => verdict === 'fail');
  const [first] = failed;
  if (first === undefined) return;
  const sentences = failed.map(({ host, check, reason }) => `${host}: ${check}: ${reason}`);
  throw new Failure('refused', sentences.join('\n  '), { next: first.remedy });
}
