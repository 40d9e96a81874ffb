import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';
import { databaseRefusals } from '../plan/boot.ts';
import { planCluster } from '../plan/cluster.ts';
import type { Plan, Refusal } from '../plan/plan.ts';
import { situationOf } from '../plan/refusing/situation.ts';
import type { Situation } from '../problem/precondition.ts';
import { inSituation } from '../problem/problem.ts';
import { type Offered, offered, type Remedy } from '../problem/remedy.ts';
import { cures } from './cures.ts';
import type { Diagnosis } from './diagnosis.ts';
import { damagedMembers } from './member-causes.ts';

/** A diagnosis with those remedies only that are safe now. */
export type Advised = Omit<Diagnosis, 'next'> & { readonly next: readonly Offered[] };

/** What remedies are held against: what was observed, and what `up` would do about it. */
export interface Ground {
  readonly desired: DesiredCluster;
  /** What `up` would do; nothing while it could not look at every host. */
  readonly up: Plan | undefined;
  /** What `up` would refuse of databases that it could look at. */
  readonly databases: readonly Refusal[];
  /** Members whose hosts could not be asked. */
  readonly unseen: readonly string[];
  readonly situation: Situation;
}

/** Members that only have to be started. */
const STOPPED: ReadonlySet<string> = new Set(['stopped', 'not-started']);

/** The ground of these diagnoses; `failed` is the plan that has just been tried in vain. */
export function groundOf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  diagnoses: readonly Pick<Diagnosis, 'name' | 'kind'>[],
  failed?: Plan,
): Ground {
  const { members } = observed(desired, facts);
  const unseen = members.flatMap(({ name, found }) => (found === undefined ? [name] : []));
  const options = { freshToken: '', wipe: false, allowDowntime: false };
  const up = unseen.length === 0 ? planCluster(desired, facts, options) : undefined;
  const damaged = damagedMembers(diagnoses);
  const situation = situationOf(desired, facts, { up, failed, damaged });
  return { desired, up, unseen, situation, databases: databaseRefusals(desired, facts) };
}

/**
 * The same with those remedies only that are safe now. Where `up` would refuse, the reason and its way out are told; where
 * it would change nothing on the member, that is said.
 */
export function advise(ground: Ground, one: Diagnosis): Advised {
  const isRemoved = one.kind === 'removed';
  const isToUp = (STOPPED.has(one.kind) || isRemoved) && one.next.some(isUp);
  const blocked = isToUp ? startRefusal(ground, one.name) : undefined;
  if (blocked === undefined) return { ...one, next: heldAgainst(ground, one) };
  const why = blocked.sentence.replace(`${one.name}: `, '');
  return {
    ...one,
    // The refusal says of a removed member all that its log does, and more.
    cause: isRemoved ? why : `${one.cause}; up does not start it: ${why}`,
    next: blocked.next,
  };
}

/** Why `up` leaves a stopped member as it is, where that is about this member. */
function startRefusal({ up, databases }: Ground, name: string): Refusal | undefined {
  return (up?.refusals ?? databases).find(
    ({ about, sentence }) => about?.includes(name) === true || sentence.startsWith(`${name}: `),
  );
}

function isNamed(name: string, sentence: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(sentence);
}

function heldAgainst(ground: Ground, one: Diagnosis): readonly Offered[] {
  const { desired, up, unseen, situation } = ground;
  const others = one.next.filter((remedy) => !isUp(remedy));
  if (others.length === one.next.length) return safe(one, others, situation);
  if (up === undefined)
    return [
      ...(STOPPED.has(one.kind) ? [cures.start(desired.unit)] : []),
      ...one.next.flatMap((remedy) =>
        isUp(remedy) ? [cures.onceReached(remedy, unseen)] : offered([remedy], situation),
      ),
    ];
  const refusal = refusalFor(one.name, up);
  if (refusal !== undefined) return [...offered(others, situation), ...wayOut(refusal, one.cause)];
  const left = offered(one.next, situation);
  const isActing = offered(one.next.filter(isUp), situation).length > 0;
  return isActing ? left : [...left, cures.readLog(one.name, desired.unit)];
}

/** Whether a remedy is `up` at once. */
function isUp({ requires }: Remedy): boolean {
  return requires.some(({ kind }) => kind === 'upWouldAct');
}

function safe(
  { cause }: Diagnosis,
  next: readonly Remedy[],
  situation: Situation,
): readonly Offered[] {
  return inSituation({ sentence: cause, next }, situation).next;
}

function refusalFor(name: string, { refusals }: Plan): Refusal | undefined {
  const own = refusals.find(
    ({ about, sentence }) => about?.includes(name) || isNamed(name, sentence),
  );
  return own ?? refusals[0];
}

function wayOut({ sentence, next }: Refusal, cause: string): readonly Offered[] {
  const [first, ...others] = next;
  if (first === undefined) return [];
  return [sentence.endsWith(cause) ? first : cures.refusedNow(sentence, first), ...others];
}
