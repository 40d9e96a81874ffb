import type { DesiredCluster } from '../desired/cluster.ts';
import type { ScheduleFile, TimerPlaces } from '../desired/schedule.ts';
import { askTimer, type TimerFact } from '../facts/data/schedule.ts';
import { describePlan } from '../plan/describe.ts';
import { planFor } from '../plan/intent.ts';
import { remedy } from '../problem/remedy.ts';
import { agreed } from './ask.ts';
import { converge } from './converge.ts';
import { leftWithout, throwHeldBack } from './held-back.ts';
import { needsBut } from './needs.ts';
import { askEachMember } from './observe-hosts.ts';
import { type Operation, type OperationOptions, withOperation } from './operation.ts';
import { refuseMisdescribed } from './refuse-foreign.ts';
import { tellAway } from './without-hosts.ts';

/** What one schedule does, beside the loop that every one goes through. */
export interface TimerSchedule {
  readonly placesOf: (desired: DesiredCluster) => TimerPlaces;
  /** The files of each member; not asked where the schedule ends. */
  readonly filesOf: (
    desired: DesiredCluster,
    places: TimerPlaces,
  ) => Promise<Readonly<Record<string, readonly ScheduleFile[]>>>;
  /** Throws a Failure where it would fail every time; not asked where it ends. */
  readonly refuse: (operation: Operation) => Promise<void>;
  /** What is told in the end. */
  readonly told: (desired: DesiredCluster) => string;
}

/** Has members do something by a timer of their own, or ends that: looks, shows, asks, does. */
export async function scheduleTimer(
  args: OperationOptions & {
    readonly remove: boolean;
    /** Members that are done without. */
    readonly without: readonly string[] | undefined;
    /** Its words, for what is typed in its place. */
    readonly words: readonly string[];
    readonly yes: boolean;
    readonly json: boolean;
  },
  { placesOf, filesOf, refuse, told }: TimerSchedule,
): Promise<void> {
  const { without: away, words } = args;
  const reach = { needs: needsBut(away), whenUnreachable: tellAway({ command: words }) };
  await withOperation({ ...args, ...reach }, async (operation) => {
    const { desired, stop } = operation;
    const places = placesOf(desired);
    const files = args.remove ? undefined : await filesOf(desired, places);
    await converge(operation, args, {
      look: async (): Promise<ReadonlyMap<string, TimerFact>> => {
        const [found] = await Promise.all([
          askEachMember(operation, (host) => askTimer(host, places)),
          refuseMisdescribed(operation, args),
          ...(args.remove ? [] : [refuse(operation)]),
        ]);
        return found;
      },
      plan: (found) => planFor(desired, found, { kind: 'schedule', places, files, away }),
      show: (plan) => {
        if (!args.json) console.log(describePlan(plan));
      },
      confirm: async ({ cluster }) => {
        if (!args.yes) await agreed(`Do this to ${cluster}?`, stop);
      },
      act: async (plan) => {
        // Loading what acts takes a tenth of a second; a run with nothing to do is spared it.
        const { executePlan } = await import('./execute-plan.ts');
        return executePlan(operation, plan, args);
      },
      // systemd has said of each timer whether it runs.
      prove: async ({ plan }) => {
        const held = leftWithout(
          plan,
          (names, are, they) =>
            remedy`when ${names} ${are} back, run the same command without --without: ${they} ${they === 'it' ? 'gets' : 'get'} the same`,
        );
        if (held === undefined) return told(desired);
        return throwHeldBack(desired.name, held, args.json);
      },
    });
  });
}
