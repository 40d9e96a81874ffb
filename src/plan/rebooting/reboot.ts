import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { BootFact } from '../../facts/host/boot.ts';
import { observed, type SeenMember } from '../../observed/observed.ts';
import { absenceRefusals } from '../absence/away.ts';
import { idsOutside } from '../absence/ids-outside.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan } from '../plan.ts';
import { leaderLast, rolling } from '../rolling.ts';
import { awaitReady } from '../step-words.ts';
import { namesOf, yieldSteps } from '../waves.ts';
import { whyRestart } from '../why-restart.ts';
import type { Bootable, RebootOptions } from './bootable.ts';
import { rebootRefusals } from './reboot-refusals.ts';

/**
 * Reboots the hosts of members one after another, the leader's last and after it has handed leadership over: each must come
 * up as another boot, and its member answer and catch up, before the next one goes down.
 */
export function planReboot(
  desired: DesiredCluster,
  { facts, boots }: Bootable,
  options: RebootOptions,
): Plan {
  const { members: named = namesOf(desired), required, since = 0, seconds, away = [] } = options;
  const absent = away.length === 0 ? [] : absenceRefusals(desired, facts, away);
  if (absent.length > 0) return refusedPlan(desired, absent);
  const among = namesOf(desired).filter((name) => !away.includes(name));
  const meant = observed(desired, facts).seen.filter(
    ({ name }) => named.includes(name) && among.includes(name),
  );
  const isDone = ({ name }: SeenMember) =>
    (boots.get(name)?.age ?? Number.POSITIVE_INFINITY) < since;
  const isDue = (one: SeenMember) =>
    !isDone(one) && (!required || boots.get(one.name)?.isRequired === true);
  const due = meant.filter(isDue);
  const refusals = due.length === 0 ? [] : rebootRefusals(desired, { facts, boots }, due, options);
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const words = [
    ...(options.members ?? []),
    ...(required ? ['--required'] : []),
    ...(options.allowDowntime ? ['--allow-downtime'] : []),
    ...(away.length > 0 ? ['--without', away.join(',')] : []),
  ];
  const waves = rolling(
    due,
    ({ name }) => ({
      title: `reboot ${name}`,
      steps: [
        ...yieldSteps(desired, idsOutside(desired, facts, among)),
        {
          ...{ kind: 'reboot-host', bootId: boots.get(name)?.bootId ?? '', seconds, words },
          because: because(boots.get(name), required),
        },
        awaitReady(desired, 'the next host may only go down when this member is back'),
      ],
      undo: [],
    }),
    { among, order: leaderLast },
  );
  return planOf(desired, waves, {
    notes: [...skipped(meant, isDone, required, boots), ...waiting(desired, facts, due)],
    ...(away.length > 0 && {
      away,
      left: away.map((name) => ({ name, because: 'away; its host was not rebooted' })),
    }),
  });
}

/** Whether a reboot that did not come to its end has nothing left but its proof: no host is due any more, asked for by name or not. */
export function rebootIsOver(
  desired: DesiredCluster,
  boots: Bootable['boots'],
  { since, required, away = [] }: Pick<RebootOptions, 'since' | 'required' | 'away'>,
): boolean {
  if (since === undefined) return false;
  const among = namesOf(desired).filter((name) => !away.includes(name));
  const all = among.map((name) => boots.get(name));
  return (
    all.some((boot) => boot !== undefined && boot.age < since) &&
    all.every((boot) => boot !== undefined && (boot.age < since || (required && !boot.isRequired)))
  );
}

/** A reboot starts members with the files that are there, of whatever run, and is no `up`. */
function waiting(
  desired: DesiredCluster,
  facts: ClusterFacts,
  due: readonly SeenMember[],
): readonly string[] {
  return due.flatMap(({ name, desired: member, found }) => {
    const why = whyRestart(desired, member, facts, found, { token: '', formed: true });
    return why === undefined
      ? []
      : [
          `${name} waits for a restart (${why}): the reboot brings into use what of that is on its host; what is not there yet, up brings`,
        ];
  });
}

function because(boot: BootFact | undefined, required: boolean): string {
  return required || boot?.isRequired === true ? 'the host asks for it' : 'it was asked for';
}

function skipped(
  meant: readonly SeenMember[],
  isDone: (one: SeenMember) => boolean,
  required: boolean,
  boots: Bootable['boots'],
): readonly string[] {
  return meant.flatMap((one) => {
    const age = Math.round(boots.get(one.name)?.age ?? 0);
    if (isDone(one))
      return [
        `${one.name} is left out: its host came up ${age} s ago, in a reboot that is not over; --again reboots it too`,
      ];
    return required && boots.get(one.name)?.isRequired !== true
      ? [`${one.name} is left out: nothing on its host asks for a reboot`]
      : [];
  });
}
