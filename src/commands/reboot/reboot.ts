import { readFile } from 'node:fs/promises';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { askAll } from '../../facts/fact.ts';
import { BOOT_ID, bootFact } from '../../facts/host/boot.ts';
import { Failure } from '../../failure/failure.ts';
import { describePlan } from '../../plan/describe.ts';
import { planFor } from '../../plan/intent.ts';
import type { Bootable } from '../../plan/rebooting/bootable.ts';
import { rebootIsOver } from '../../plan/rebooting/reboot.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { rebootedText } from '../../report/rebooted-text.ts';
import { agreed } from '../../run/ask.ts';
import { brakesOf } from '../../run/brakes.ts';
import { mayChangeSoon } from '../../run/change-cluster.ts';
import { converge } from '../../run/converge.ts';
import { heldBackData, leftWithout, throwHeldBack } from '../../run/held-back.ts';
import { lookWithoutPrograms } from '../../run/look-without-programs.ts';
import { needsBut } from '../../run/needs.ts';
import { askEachMember } from '../../run/observe-hosts.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import { secondsSinceUnfinished } from '../../run/reboot-turns.ts';
import { everyHost } from '../../run/session.ts';
import { tellAway } from '../../run/without-hosts.ts';
import { failedChecks } from '../../verify/checks.ts';
import type { ArgumentsOf } from '../command.ts';
import { type rebootOptions, USUAL_PATIENCE } from './options.ts';

/** Reboots hosts one after another, and proves in the end that the cluster answers. */
export async function reboot(args: ArgumentsOf<typeof rebootOptions>): Promise<void> {
  const { required, again, allowDowntime, timeout: seconds, without: away, json } = args;
  const members = args.members?.length === 0 ? undefined : args.members;
  const reach = {
    needs: needsBut(away),
    whenUnreachable: tellAway({
      ...{ command: ['reboot', ...given(args)], operands: members, stopsMembers: true },
    }),
  };
  await withOperation({ ...args, ...reach, command: 'reboot' }, async (operation) => {
    const { desired, hosts, store, stop } = operation;
    const here = await ownBoot();
    const brakes = brakesOf(desired, args, stop);
    await converge(operation, args, {
      look: async () => {
        const [seen, since] = await Promise.all([
          look(operation),
          again ? undefined : secondsSinceUnfinished(operation, Date.now()),
        ]);
        return { seen, since };
      },
      plan: ({ seen, since }) =>
        planFor(desired, seen, {
          ...{ kind: 'reboot', members, required, since, here, allowDowntime, seconds, away },
        }),
      mayChangeSoon: ({ seen: { facts } }, plan) => mayChangeSoon(facts, plan),
      show: (plan) => {
        if (!json) console.log(describePlan(plan));
      },
      // The run before may have ended before its proof.
      hasMoreToDo: ({ seen, since }) =>
        rebootIsOver(desired, seen.boots, { since, required, away }),
      confirm: async (plan, { seen: { facts } }) => {
        if (plan.waves.length === 0) return;
        const { refuseClosedPorts } = await import('../../run/refuse-closed-ports.ts');
        await refuseClosedPorts(desired, facts, plan, everyHost(operation));
        const { refuseDifferentData } = await import('../../run/refuse-different-data.ts');
        await refuseDifferentData(desired, hosts, facts, plan, store);
        if (!args.yes) await agreed(`Reboot these hosts of ${desired.name}?`, stop);
      },
      act: async (plan) => {
        const { executePlan, proveTakesWrites } = await import('../../run/execute-plan.ts');
        const timings = await executePlan(operation, plan, args, {
          brake: brakes.brake,
          ...(plan.waves.length === 0 && { change: { changes: 'the proof of a reboot' } }),
        });
        await proveTakesWrites(operation, namesBut(desired, away));
        return timings;
      },
      prove: async ({ plan, seen, done }) => {
        const held = brakes.heldBack();
        if (held !== undefined) throwHeldBack(desired.name, held, json);
        const fresh = done === undefined ? seen.seen : await look(operation);
        if (done !== undefined) requireAll(operation, fresh, away);
        const rebooted = desired.members
          .map(({ name }) => name)
          .filter((name) => fresh.boots.get(name)?.bootId !== seen.seen.boots.get(name)?.bootId);
        const outcome = { cluster: desired.name, rebooted, notes: plan.notes ?? [] };
        const left = leftWithout(
          plan,
          (names, are) =>
            remedy`when ${names} ${are} back: ${provision('reboot', INVENTORY, ...(members ?? []), ...given(args))} reboots what is left`,
        );
        const told = json
          ? JSON.stringify({ ...outcome, ...(left && heldBackData(desired.name, left)) })
          : done && rebootedText({ ...outcome, away: away ?? [] });
        if (left === undefined) return told;
        if (told !== undefined) console.log(told);
        throw left;
      },
    });
  });
}

async function look(operation: Operation): Promise<Bootable> {
  const { paths } = operation.desired;
  const [facts, boots] = await Promise.all([
    lookWithoutPrograms(operation),
    askEachMember(operation, async (host) => {
      const { boot } = await askAll(host, { boot: bootFact([paths.data, paths.wal]) });
      return boot;
    }),
  ]);
  return { facts, boots };
}

/** The options that were given, for a command that goes on. */
function given({
  required,
  again,
  allowDowntime,
  timeout,
}: ArgumentsOf<typeof rebootOptions>): readonly string[] {
  return [
    ...(required ? ['--required'] : []),
    ...(again ? ['--again'] : []),
    ...(allowDowntime ? ['--allow-downtime'] : []),
    ...(timeout === USUAL_PATIENCE ? [] : ['--timeout', `${timeout}`]),
  ];
}

function namesBut(desired: DesiredCluster, away: readonly string[] = []): readonly string[] {
  return desired.members.map(({ name }) => name).filter((name) => !away.includes(name));
}

/** Throws a Failure where a check of the cluster fails. */
function requireAll(
  { desired }: Operation,
  { facts }: Bootable,
  away: readonly string[] | undefined,
): void {
  const judged = namesBut(desired, away);
  const members = desired.members.filter(({ name }) => judged.includes(name));
  const failed = failedChecks(desired, facts, members);
  if (failed.length === 0) return;
  throw new Failure('failed', `${desired.name}: is not as it should be`, {
    parts: failed.map((one) => ({ ...one, next: [] })),
    next: [remedy`${provision('doctor', INVENTORY)}`],
  });
}

/** The boot of this machine; undefined where there is no such thing. */
async function ownBoot(): Promise<string | undefined> {
  return readFile(BOOT_ID, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
