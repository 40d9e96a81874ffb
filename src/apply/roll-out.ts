import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2';
import pLimit from 'p-limit';
import { Failure } from '../failure/failure.ts';
import { describeStep } from '../plan/describe.ts';
import type { Gate } from '../plan/gate.ts';
import { hostsOf, type Lane, laneName } from '../plan/lane.ts';
import type { Plan, Wave } from '../plan/plan.ts';
import { changesCluster, type Step } from '../plan/step.ts';
import { explain, type Failed, NOTHING } from './explain.ts';
import { awaitGates } from './gates/await-gates.ts';
import { performHere } from './perform-here.ts';
import { performOnHost } from './perform-on-host.ts';
import { rollBack, type Started } from './roll-back.ts';
import { type GateContext, hostOf, type Means } from './step-context.ts';
import { stopped } from './stopped.ts';
import { ALL, type Timing } from './timing.ts';
import { Trials } from './units/trials.ts';
import type { Watch } from './watch.ts';

/** On a terminal a live list; elsewhere a plain line for each step that is done; or nothing at all. */
export type Show = 'live' | 'lines' | 'nothing';

/** Once one lane has failed, the others get this many seconds to become ready, since quorum may not come any more. */
const PATIENCE_AFTER_FAILURE = 10;
/** Asked after each turn behind which there is more: whether to go on. */
export type Brake = (done: Wave, left: readonly Wave[]) => Promise<boolean>;

const NEVER = new AbortController().signal;

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

type Perform<One extends Step> = (step: One, watch: Watch) => Promise<void>;

type Measure = (done: Omit<Timing, 'seconds'>, work: () => Promise<void>) => Promise<void>;

/**
 * Walks the waves: who must still answer before one begins, its lanes side by side, the gate behind it. Stops at the first
 * wave in which any of these fails, takes back what the wave says can be taken back, and throws a Failure that names every host that failed,
 * with the diagnosis when a member did not become ready. Told to stop, it finishes the steps that change something, cuts
 * short those that wait, and throws a Failure that says how far it came. Where the brake says no, it ends after that turn.
 */
export async function rollOut(
  plan: Plan,
  { diagnose, whileStopping, ...means }: Means,
  show: Show,
  brake?: Brake,
): Promise<readonly Timing[]> {
  if (plan.target === undefined) return [];
  const trials = new Trials(means.hosts);
  try {
    const site = { ...means, trials, desired: plan.target };
    return await walk(plan, site, { diagnose, whileStopping }, show, brake);
  } finally {
    trials.end();
  }
}

async function walk(
  plan: Plan,
  means: GateContext & { readonly trials: Trials },
  { diagnose, whileStopping }: Pick<Means, 'diagnose' | 'whileStopping'>,
  show: Show,
  brake: Brake | undefined,
): Promise<readonly Timing[]> {
  const timings: Timing[] = [];
  const measure: Measure = async ({ kind, host, what }, work) => {
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1000;
    timings.push({ kind, host, what, seconds });
    if (show === 'lines') console.log(`  ${host}: ${what} (${seconds.toFixed(1)} s)`);
  };

  let holding: readonly Gate[] = [];
  for (const [at, wave] of plan.waves.entries()) {
    const ahead = plan.waves.slice(at).flatMap(({ lanes }) => hostsOf(lanes));
    const site = { ...means, stopping: () => whileStopping?.(ahead) };
    if (show !== 'nothing') console.log(wave.title);
    if (wave.turn !== undefined) site.trials.begin(wave.lanes, laterTurn(plan.waves[at + 1]));
    const doubts = await waitFor(unsure(wave, holding), 'still answer', site, measure);
    const begun: Started[] = [];
    const failed =
      doubts.failures.length > 0 ? doubts : await runWave(wave, site, show, measure, begun);
    if (site.stop?.aborted) throw stopped(plan, timings, site.stop, failed.failures);
    if (doubts.failures.length > 0)
      throw await explain(plan, `"${wave.title}" was not begun`, doubts, diagnose);
    if (failed.failures.length > 0) {
      const failure = await explain(plan, `"${wave.title}" ${howEnded(failed)}`, failed, diagnose);
      throw await takenBack(wave, failure, begun, site, show, measure);
    }
    const left = plan.waves.slice(at + 1);
    const isBraked = brake !== undefined && wave.turn !== undefined && left.length > 0;
    const goesOn = !isBraked || (await brake(wave, left));
    if (site.stop?.aborted) throw stopped(plan, timings, site.stop, []);
    if (!goesOn) break;
    // A person may have taken their time: what the gate has seen is asked again.
    holding = isBraked ? [] : wave.gate;
  }
  return timings;
}

/** What is done to the member that comes next. */
function laterTurn(wave: Wave | undefined): readonly Lane[] {
  return wave?.turn === undefined ? [] : wave.lanes;
}

/** What goes on by itself has not failed. */
function howEnded({ failures }: Failed): string {
  return failures.every(({ reason }) => reason === 'paused') ? 'is not over' : 'failed';
}

/** What of a wave's beginning the gate before it has not just answered: it has asked the same of these members. */
function unsure({ before = [] }: Wave, holding: readonly Gate[]): readonly Gate[] {
  return before.filter(
    ({ members, ...question }) =>
      !holding.some(
        ({ members: asked, ...same }) =>
          isDeepStrictEqual(same, question) && members.every((name) => asked.includes(name)),
      ),
  );
}

/** Runs the lanes side by side, then waits for the gate; gives what failed. */
async function runWave(
  wave: Wave,
  site: GateContext,
  show: Show,
  measure: Measure,
  begun: Started[],
): Promise<Failed> {
  const failed = await runLanes(wave.lanes, site, show, measure, begun);
  return failed.failures.length > 0 ? failed : waitFor(wave.gate, 'answer', site, measure);
}

async function waitFor(
  gates: readonly Gate[],
  what: string,
  site: GateContext,
  measure: Measure,
): Promise<Failed> {
  const { stop = NEVER } = site;
  if (gates.length === 0 || stop.aborted) return NOTHING;
  try {
    await measure({ kind: 'gate', host: ALL, what }, () => awaitGates(gates, site, stop));
    return NOTHING;
  } catch (error) {
    // Told to stop while it waited: that says nothing about the members.
    if (error === stop.reason) return NOTHING;
    if (error instanceof Failure) return { ...NOTHING, failures: [error] };
    throw error;
  }
}

async function runLanes(
  lanes: readonly Lane[],
  site: GateContext,
  show: Show,
  measure: Measure,
  begun: Started[],
): Promise<Failed> {
  const errors: { readonly host: string; readonly error: unknown }[] = [];
  const impatience = new AbortController();
  const tasks = new Listr(
    lanes.map((lane) => ({
      title: laneName(lane),
      task: async (_: unknown, task: Wrapper) => {
        try {
          await runLane(lane, site, task, impatience.signal, measure, begun);
        } catch (error) {
          // Cut short while it waited: that says nothing about this host.
          if (error !== impatience.signal.reason && error !== site.stop?.reason)
            errors.push({ host: laneName(lane), error });
          setTimeout(() => impatience.abort(), PATIENCE_AFTER_FAILURE * 1000).unref();
          throw error;
        }
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      renderer: show === 'live' ? 'default' : 'silent',
      fallbackRenderer: 'silent',
      registerSignalListeners: false,
    },
  );
  await tasks.run();

  const bug = errors.find(({ error }) => !(error instanceof Failure));
  if (bug !== undefined) throw bug.error;
  const failed = errors.flatMap(({ host, error }) =>
    error instanceof Failure ? [{ host, error }] : [],
  );
  return {
    failures: failed.map(({ error }) => error),
    hosts: new Map(failed.map(({ host, error }) => [host, error.message])),
  };
}

/** The failure with what became of the attempt to put the wave's members back as they were. */
async function takenBack(
  wave: Wave,
  failure: Failure,
  begun: readonly Started[],
  site: GateContext,
  show: Show,
  measure: Measure,
): Promise<Failure> {
  if (wave.undo.length === 0 && wave.pointOfNoReturn === undefined) return failure;
  // What puts back changes nothing that has not been changed before; most of it finds nothing to do.
  const backSite: GateContext = { ...site, onChange: () => {} };
  const outcome = await rollBack(wave, begun, site, async (lanes, gate) => {
    const hosts = lanes.map(({ host }) => host).join(', ');
    if (show !== 'nothing') console.log(`put ${hosts} back as before`);
    const back = { ...wave, lanes, gate, undo: [] };
    return (await runWave(back, backSite, show, measure, [])).failures;
  });
  if (outcome === '') return failure;
  const { reason, problem, parts, log, hosts } = failure;
  const putBack = { kind: 'put-back', about: [], sentence: outcome, next: [] };
  return new Failure(reason, problem, { parts: [...parts, putBack], log, hosts });
}

async function runLane(
  lane: Lane,
  site: GateContext,
  task: Wrapper,
  impatience: AbortSignal,
  measure: Measure,
  begun: Started[],
): Promise<void> {
  const { stop = NEVER } = site;
  const place = laneName(lane);
  const inTurn = pLimit(availableParallelism());
  const one = async <One extends Step>(step: One, perform: Perform<One>) => {
    stop.throwIfAborted();
    const what = describeStep(step);
    task.output = what;
    const watch: Watch = {
      signal: AbortSignal.any([impatience, stop]),
      onBytes: (sent, total) => {
        task.output = `${what} ${megabytes(sent)} of ${megabytes(total)} MB`;
      },
    };
    const { kind } = step;
    const started = { place, kind, isDone: false };
    begun.push(started);
    const isChange = changesCluster(kind);
    try {
      await measure({ host: place, kind, what }, () => perform(step, watch));
      started.isDone = true;
      if (isChange) site.onChange?.();
    } catch (error) {
      if (error instanceof Failure && error.reason === 'refused')
        begun.splice(begun.indexOf(started), 1);
      else if (isChange) site.onChange?.();
      throw error;
    }
  };
  const all = async <One extends Step>(steps: readonly One[], perform: Perform<One>) => {
    for (const group of groups(steps)) {
      const ends = await Promise.allSettled(group.map((step) => inTurn(() => one(step, perform))));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    }
  };
  if (lane.place === 'here') return all(lane.steps, (step) => performHere(step, site));
  const host = hostOf(site, lane.host);
  return all(lane.steps, (step, watch) => performOnHost(step, host, site, watch));
}

/** Steps one by one; certificates made here are one group, for each needs a processor and no other. */
function groups<One extends Step>(steps: readonly One[]): readonly (readonly One[])[] {
  const found: One[][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    const isApart = step.kind === 'issue-certificate' && last?.[0]?.kind === step.kind;
    if (isApart) last?.push(step);
    else found.push([step]);
  }
  return found;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
