import { cures } from '../cures.ts';
import { clock, evidenceOf, lastWords, linesOf } from '../looks/evidence.ts';
import type { ExaminedMember } from '../looks/examined.ts';
import type { Cause } from './cause.ts';
import { classifyEnd } from './classify.ts';
import { DAMAGED } from './data-causes.ts';

/** A cause in the unit, the process or the files of one host. */
export type MemberRule = (one: ExaminedMember, unit: string) => Cause | undefined;

const cannotLoad: MemberRule = ({ member, start, facts }, unit) => {
  if (start.load === 'masked')
    return {
      kind: 'masked',
      sentence: `${unit}.service is masked: systemd never starts it`,
      evidence: [],
      next: [cures.thenUp(`on that host: systemctl unmask ${unit}`)],
    };
  if (start.load === 'bad-setting' || start.load === 'error')
    return {
      kind: 'bad-unit',
      sentence: `systemd cannot load ${unit}.service${start.loadError === '' ? '' : `: ${start.loadError}`}${dropIns(start.dropIns)}`,
      evidence: [],
      next: [start.dropIns.length > 0 ? correctDropIns(start.dropIns) : cures.up(member.name)],
    };
  if (facts.unit.exists) return undefined;
  return {
    kind: 'no-unit',
    sentence: `${unit}.service does not exist there`,
    evidence: [],
    next: [cures.up(member.name)],
  };
};

const frozen: MemberRule = ({ start, facts }, unit) =>
  start.isFrozen && facts.unit.pid > 0
    ? {
        kind: 'frozen',
        sentence: `its etcd process ${facts.unit.pid} is stopped by a signal (SIGSTOP) or a debugger: it holds its ports and answers nobody`,
        evidence: [],
        next: [
          cures.byHand(`on that host: kill -CONT ${facts.unit.pid}, or systemctl restart ${unit}`),
        ],
      }
    : undefined;

/** Asked before it is called stopped in good order: a removed member ends itself with success. */
const removed: MemberRule = (one) => {
  const found = classifyEnd(linesOf(one), one.member.name);
  return found?.kind === 'removed' ? found : undefined;
};

const stopped: MemberRule = (one, unit) => {
  const { member, facts, start } = one;
  if (facts.unit.pid > 0 || start.active !== 'inactive') return undefined;
  // A condition of the unit that fails, or that systemd cannot run, leaves it inactive too.
  if (start.result === 'exec-condition') return undefined;
  const enabled = facts.unit.enabled ? '' : `; ${unit}.service is not enabled`;
  if (start.isUnstarted)
    return {
      kind: 'not-started',
      sentence: `${unit}.service was not started since the host booted${enabled}`,
      evidence: [],
      next: [cures.up(member.name)],
    };
  if (start.assertFailed) return undefined;
  const when = start.stoppedAt === undefined ? '' : ` at ${clock(start.stoppedAt)}`;
  const by =
    start.stoppedBy ??
    (start.stoppedAt === undefined ? 'a signal to its process' : 'systemctl stop');
  const before = start.result === 'success' ? '' : '; its start before that had failed';
  const damage = damageFound(one);
  if (damage !== undefined)
    return {
      ...damage,
      sentence: `${damage.sentence}, as its last start found; stopped by ${by}${when}`,
    };
  return {
    kind: 'stopped',
    sentence: `stopped by ${by}${when}${before}${enabled}`,
    evidence: [],
    next: [cures.up(member.name)],
  };
};

/** That its last start ended over its data, which nobody has touched since. */
function damageFound(one: ExaminedMember): Cause | undefined {
  if (one.start.result === 'success') return undefined;
  const lines = linesOf(one);
  const found = classifyEnd(lines, one.member.name);
  if (found === undefined || !DAMAGED.has(found.kind)) return undefined;
  const ended = lines.findLast(({ text }) => /Main process exited/.test(text))?.at;
  const { dataChangedAt } = one;
  return ended === undefined || dataChangedAt === undefined || dataChangedAt > ended + 1
    ? undefined
    : found;
}

/** What the data shows of an assertion that failed is told before. */
const refused: MemberRule = ({ start, facts }, unit) =>
  start.assertFailed && facts.unit.pid === 0
    ? {
        kind: 'assertion',
        sentence: `systemd refused to start it: an assertion of ${unit}.service is not met`,
        evidence: evidenceOf(start.lines, /assert/i),
        next: [cures.byHand(`see which one: systemctl status ${unit} on that host`)],
      }
    : undefined;

const preFailed: MemberRule = ({ start }, unit) => {
  if (start.failedPre.length === 0 || start.end !== undefined) return undefined;
  return {
    kind: 'pre-failed',
    sentence: `ExecStartPre= of ${unit}.service fails: ${start.failedPre.join(', ')}${dropIns(start.dropIns)}`,
    evidence: evidenceOf(start.lines, /Control process exited|ExecStartPre/),
    next: [
      cures.thenUp(
        'correct the command, or remove the drop-in, on that host; systemctl daemon-reload',
      ),
    ],
  };
};

const ended: MemberRule = (one) => {
  const { start } = one;
  if (one.facts.unit.pid > 0 && start.end === undefined) return undefined;
  const found = classifyEnd(linesOf(one), one.member.name);
  if (found?.kind === 'limit' && start.dropIns.length > 0)
    return {
      ...found,
      sentence: `${found.sentence}${dropIns(start.dropIns)}`,
      next: [correctDropIns(start.dropIns)],
    };
  if (found !== undefined) return found;
  if (
    start.result === 'oom-kill' ||
    /killed by the OOM killer/.test(start.lines.map(({ text }) => text).join('\n'))
  )
    return {
      kind: 'oom',
      sentence: 'the kernel killed etcd for want of memory (oom-kill)',
      evidence: evidenceOf(start.lines, /OOM|oom-kill/),
      next: [cures.thenUp('free memory on that host, or raise MemoryMax of the unit')],
    };
  if (start.end?.how === 'killed' && start.end.status.startsWith('9/'))
    return {
      kind: 'killed',
      sentence: `etcd was killed by ${howEnded(start.end)}: by a person, or by the kernel for want of memory`,
      evidence: evidenceOf(start.lines, /Main process exited|SIGKILL|on client request/),
      next: [cures.thenUp('see with dmesg on that host whether memory ran out')],
    };
  return undefined;
};

/** The last resort for a process that ended: how, and its last words, without a guess. */
const unknownEnd: MemberRule = (one, unit) => {
  const { start, facts } = one;
  if (facts.unit.pid > 0 && start.end === undefined) return undefined;
  if (start.end === undefined && start.result === 'success') return undefined;
  const status = start.end === undefined ? `result ${start.result}` : howEnded(start.end);
  const loops = start.restarts > 0 || start.sub === 'auto-restart';
  const again =
    start.active === 'failed'
      ? 'systemd gave up'
      : loops
        ? `systemd starts it again and again (${start.restarts} restarts)`
        : 'it does not run';
  return {
    kind: 'crash',
    sentence: `etcd ends at once: ${status}; ${again}; the cause is not known`,
    evidence: lastWords(one),
    next: [
      cures.byHand(`read these lines; all of them: journalctl --unit ${unit} on that host`),
      cures.up(one.member.name, 'puts program and files there as the inventory has them'),
    ],
  };
};

/** `exit code 2`, `signal 9 (KILL)` */
function howEnded({ how, status }: { readonly how: string; readonly status: string }): string {
  const [number, name] = status.split('/');
  return how === 'exited' ? `exit code ${number}` : `signal ${number} (${name})`;
}

function correctDropIns(paths: readonly string[]) {
  return cures.thenUp(
    `correct or remove ${paths.join(', ')} on that host; systemctl daemon-reload`,
  );
}

function dropIns(paths: readonly string[]): string {
  return paths.length === 0 ? '' : ` (drop-in ${paths.join(', ')})`;
}

/** What keeps a process from running, before anything it could say. */
export const UNIT_RULES: readonly MemberRule[] = [cannotLoad, frozen, removed];
/** What became of a process that is no more. */
export const END_RULES: readonly MemberRule[] = [stopped, refused, preFailed, ended, unknownEnd];
