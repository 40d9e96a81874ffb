import type { DesiredCluster } from '../desired/cluster.ts';
import type { ScheduleFile, TimerPlaces } from '../desired/schedule.ts';
import type { TimerFact } from '../facts/data/schedule.ts';
import type { FileFact } from '../facts/host/file.ts';
import { remedy } from '../problem/remedy.ts';
import { awayLeft } from './absence/away.ts';
import { onHost } from './lane.ts';
import { planOf, refusedPlan } from './make-plan.ts';
import type { Plan, Refusal } from './plan.ts';
import type { FileChange, QuietStep } from './step.ts';
import { type QuietLane, unnoticed } from './unnoticed.ts';

/** Decides what each member lacks of the schedule; members that have it all get no steps. */
export function planSchedule(
  desired: DesiredCluster,
  places: TimerPlaces,
  files: Readonly<Record<string, readonly ScheduleFile[]>>,
  found: ReadonlyMap<string, TimerFact>,
  away: readonly string[] = [],
): Plan {
  const present = presentOf(found, away);
  if (present.length > 0) return refusedPlan(desired, present);
  const lanes = desired.members.flatMap((member): readonly QuietLane[] => {
    const seen = found.get(member.name);
    const wanted = files[member.name];
    if (seen === undefined || wanted === undefined) return [];
    const changes = wanted.flatMap((file) => change(file, fileOf(seen, places, file.path)));
    const stopped = !seen.timerActive || !seen.timerEnabled;
    const steps: readonly QuietStep[] = [
      ...(changes.length > 0
        ? [
            {
              kind: 'write-files',
              files: changes,
              because: 'the schedule is not there, or another',
            } as const,
          ]
        : []),
      ...(changes.length > 0 || stopped
        ? [
            {
              kind: 'start-timer',
              timer: places.timer,
              because: stopped ? 'it does not run' : 'systemd must read its file again',
            } as const,
          ]
        : []),
    ];
    return steps.length === 0 ? [] : [onHost(member.name, steps)];
  });
  return planned(desired, `schedule ${places.purpose}`, lanes, away);
}

/** Decides what is to be removed of a schedule; snapshots that were taken stay. */
export function planUnschedule(
  desired: DesiredCluster,
  places: TimerPlaces,
  found: ReadonlyMap<string, TimerFact>,
  away: readonly string[] = [],
): Plan {
  const present = presentOf(found, away);
  if (present.length > 0) return refusedPlan(desired, present);
  const { timer, script, serviceFile, timerFile } = places;
  const because = BECAUSE[places.purpose];
  const lanes = desired.members.flatMap((member): readonly QuietLane[] => {
    const seen = found.get(member.name);
    const there = [seen?.script, seen?.serviceFile, seen?.timerFile].some(
      (one) => one !== undefined,
    );
    if (!there) return [];
    const paths = [timerFile, serviceFile, script];
    return [onHost(member.name, [{ kind: 'remove-timer', timer, paths, because }])];
  });
  return planned(desired, 'end the schedule', lanes, away);
}

const BECAUSE = {
  snapshots: 'those that were taken stay',
  maintenance: 'nobody is to be defragmented by itself any more',
} as const;

function planned(
  desired: DesiredCluster,
  title: string,
  lanes: readonly QuietLane[],
  away: readonly string[],
): Plan {
  const without = away.length === 0 ? {} : { away, left: awayLeft(away) };
  return planOf(desired, unnoticed(title, lanes), without);
}

/** A timer needs no etcd that answers, so who was reached is not done without. */
function presentOf(
  found: ReadonlyMap<string, TimerFact>,
  away: readonly string[],
): readonly Refusal[] {
  const about = away.filter((name) => found.has(name));
  if (about.length === 0) return [];
  const [answers, them] =
    about.length === 1 ? ['its host answers', 'it'] : ['their hosts answer', 'them'];
  return [
    {
      ...{ kind: 'not-away', about },
      sentence: `${about.join(', ')}: ${answers}, and --without is for members whose hosts do not`,
      next: [remedy`leave ${them} out of --without`],
    },
  ];
}

function fileOf(seen: TimerFact, places: TimerPlaces, path: string): FileFact | undefined {
  if (path === places.script) return seen.script;
  return path === places.timerFile ? seen.timerFile : seen.serviceFile;
}

function change(wanted: ScheduleFile, there: FileFact | undefined): readonly FileChange[] {
  const owner = 'root:root';
  const isSame =
    there?.content === wanted.content && there.mode === wanted.mode && there.owner === owner;
  if (isSame) return [];
  const because = there === undefined ? 'it is missing' : 'it differs';
  return [{ file: { ...wanted, owner }, before: there?.content, because }];
}
