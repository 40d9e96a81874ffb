import { wrongProgram } from '../../plan/refusing/versions.ts';
import { cures } from '../cures.ts';
import { evidenceOf } from '../looks/evidence.ts';
import type { ExaminedCluster, ExaminedMember } from '../looks/examined.ts';
import type { Cause } from './cause.ts';

/** Another etcd in the directory of the one that the inventory asks for, whether it has been started yet or not. */
export function programCause(
  { member, facts, start }: Pick<ExaminedMember, 'member' | 'facts' | 'start'>,
  { desired }: Pick<ExaminedCluster, 'desired'>,
): Cause | undefined {
  const wrong = wrongProgram(desired, facts);
  if (wrong === undefined) return undefined;
  const what = `${wrong.path} is etcd ${wrong.version}, and should be ${desired.version}`;
  const isRunning = facts.unit.pid > 0;
  return {
    kind: 'wrong-program',
    sentence: isRunning ? `${what}: its next start would run that` : what,
    evidence: isRunning ? [] : evidenceOf(start.lines, /downgrade|Main process exited/),
    next: [
      isRunning
        ? cures.bringProgram(desired.version)
        : cures.up(member.name, `brings etcd ${desired.version} there again`),
    ],
  };
}
