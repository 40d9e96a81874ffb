import { purgeHost } from '../apply/purge.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { lookAtMembers } from '../facts/gather.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { seenMembers } from '../observed/observed.ts';
import { downRefusals, type HostPurge, planPurge } from '../plan/down.ts';
import { refusedPlan } from '../plan/make-plan.ts';
import { agreed, typedPhrase } from '../run/ask.ts';
import { requireSeen } from '../run/needs.ts';
import { type Operation, withOperation } from '../run/operation.ts';
import { throwRefusals } from '../run/throw-refusals.ts';
import { sh } from '../shell/command.ts';
import type { ArgumentsOf } from './command.ts';
import type { downOptions } from './options.ts';

/** Stops and disables etcd on every member; with --purge also removes its data, configuration and programs. */
export async function down(args: ArgumentsOf<typeof downOptions>): Promise<void> {
  await withOperation({ ...args, command: 'down' }, async (operation) => {
    const { desired, hosts, stop } = operation;
    const { name } = desired;
    const members = await operation.observe(() => look(operation));
    const refusals = downRefusals(desired, { members }, args.purge);
    throwRefusals(refusedPlan(desired, refusals), args);
    const what = `stop and disable ${desired.unit}.service on ${[...hosts.keys()].join(', ')}`;
    console.error(`${name}: will ${what}`);
    const purges = args.purge ? purgesOf(desired, { members }) : new Map<string, HostPurge>();
    announce(purges);
    if (args.purge && args.yesPurge !== name)
      await typedPhrase(`purge ${name}`, `--yes-purge ${name}`, stop);
    else if (!args.purge && !args.yes) await agreed(`Stop ${name}?`, stop);

    const results = await operation.change({ changes: what }, () =>
      Promise.allSettled(
        [...hosts].map(async ([member, host]) => {
          await takeDown(host, desired);
          const purge = purges.get(member);
          const kept = purge === undefined ? [] : await purgeHost(host, desired, purge);
          for (const path of kept)
            console.error(`${member}: ${path} stays: somebody else uses it, or works there now`);
        }),
      ),
    );
    throwTogether(results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
    const done = args.purge
      ? 'stopped, disabled and purged'
      : 'stopped and disabled; data and files are kept';
    console.log(
      args.json
        ? JSON.stringify({ cluster: name, hosts: [...hosts.keys()], purged: args.purge })
        : `${name}: ${done}`,
    );
  });
}

function purgesOf(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): ReadonlyMap<string, HostPurge> {
  return new Map(
    seenMembers(desired, facts).map((member) => [
      member.name,
      planPurge(desired, member.desired, member.found),
    ]),
  );
}

async function look({ desired, hosts, store, needs }: Operation): Promise<ClusterFacts['members']> {
  const members = await lookAtMembers({ hosts, store }, desired);
  requireSeen({ members, consumers: new Map() }, needs);
  return members;
}

/** Stops and disables etcd. */
async function takeDown(host: Host, { unit }: DesiredCluster): Promise<void> {
  await must(
    host,
    `stop ${unit}.service`,
    sh`systemctl cat ${unit}.service >/dev/null 2>&1 || exit 0
systemctl disable --quiet --now ${unit}.service && systemctl reset-failed --quiet ${unit}.service 2>/dev/null || true
[ "$(systemctl is-active ${unit}.service)" != active ]`,
    { deadline: 120 },
  );
}

/** What goes and what stays, each with the hosts it is about. */
function announce(purges: ReadonlyMap<string, HostPurge>): void {
  const goes = new Map<string, string[]>();
  const stays = new Map<string, string[]>();
  const add = (to: Map<string, string[]>, text: string, host: string) =>
    to.set(text, [...(to.get(text) ?? []), host]);
  for (const [host, { remove, pki, programs, kept }] of purges) {
    const all = [...remove, ...(pki === undefined ? [] : [pki]), ...programs];
    add(goes, all.join(', '), host);
    for (const { path, users } of kept)
      add(stays, `${path} stays: ${users.join(', ')} uses it`, host);
  }
  for (const [text, hosts] of goes) console.error(`${hosts.join(', ')}: will remove ${text}`);
  for (const [text, hosts] of stays) console.error(`${hosts.join(', ')}: ${text}`);
}
