import { dirname } from 'node:path/posix';
import type { DesiredCluster } from '../desired/cluster.ts';
import { clusterKeysDirectory, KEYS_DIRECTORY } from '../desired/host-keys.ts';
import { intentPath, restorePlaces } from '../desired/restoring.ts';
import { type SchedulePlaces, schedulePlaces } from '../desired/schedule.ts';
import { gatherMember } from '../facts/member.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { downRefusals } from '../plan/down.ts';
import { lines, sh } from '../shell/command.ts';
import { agreed, typedPhrase } from './ask.ts';
import type { ArgumentsOf } from './command.ts';
import { type Operation, withOperation } from './operation.ts';
import type { downOptions } from './options.ts';
import { throwRefusals } from './refused.ts';

/** Stops and disables etcd on every member; with --purge also removes its data, configuration and programs. */
export async function down(args: ArgumentsOf<typeof downOptions>): Promise<void> {
  await withOperation({ ...args, command: 'down' }, async (operation) => {
    const { desired, hosts, stop } = operation;
    const { name } = desired;
    const schedule = schedulePlaces(desired);
    const seen = await operation.observe(() => look(operation));
    const refusals = downRefusals(desired, seen, args.purge);
    throwRefusals({ cluster: name, waves: [], refusals }, args);
    const what = `stop and disable ${desired.unit}.service on ${[...hosts.keys()].join(', ')}`;
    console.error(
      args.purge
        ? `${name}: will ${what}, then remove ${purged(desired).join(', ')} there`
        : `${name}: will ${what}`,
    );
    if (args.purge && args.yesPurge !== name)
      await typedPhrase(`purge ${name}`, `--yes-purge ${name}`, stop);
    else if (!args.purge && !args.yes) await agreed(`Stop ${name}?`, stop);

    const results = await operation.change({ changes: what }, () =>
      Promise.allSettled(
        [...hosts.values()].map((host) =>
          takeDown(host, desired, args.purge ? schedule : undefined),
        ),
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

async function look({ desired, hosts, store }: Operation) {
  const found = await Promise.allSettled(
    desired.members.flatMap((member) => {
      const host = hosts.get(member.name);
      return host === undefined
        ? []
        : [
            gatherMember(host, desired, member, store).then(
              (facts) => [member.name, facts] as const,
            ),
          ];
    }),
  );
  throwTogether(found.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
  return new Map(found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
}

/** Stops and disables etcd; with the places of a schedule of snapshots purges too. */
async function takeDown(
  host: Host,
  desired: DesiredCluster,
  purging: SchedulePlaces | undefined,
): Promise<void> {
  const { unit } = desired;
  await must(
    host,
    `stop ${unit}.service`,
    sh`systemctl cat ${unit}.service >/dev/null 2>&1 || exit 0
systemctl disable --quiet --now ${unit}.service && systemctl reset-failed --quiet ${unit}.service 2>/dev/null || true
[ "$(systemctl is-active ${unit}.service)" != active ]`,
    { deadline: 120 },
  );
  if (purging === undefined) return;
  const { timer, service, script, serviceFile, timerFile } = purging;
  await must(
    host,
    'purge',
    lines([
      sh`set -eu`,
      // Its timer would go on asking an etcd that is no more; the snapshots stay.
      sh`systemctl disable --quiet --now ${timer} 2>/dev/null || true
rm -f ${script} ${serviceFile} ${timerFile}; systemctl reset-failed --quiet ${service} 2>/dev/null || true`,
      // A mount point stays; what is in it goes, but for what the file system brought.
      ...purged(desired).map(
        (path) =>
          sh`if mountpoint -q ${path}; then find ${path} -mindepth 1 -maxdepth 1 ! -name lost+found ! -name 'aside-*' -exec rm -rf '{}' +; else rm -rf ${path}; fi`,
      ),
      // The directories behind the link, each named after what is in it.
      sh`rm -rf ${desired.paths.pki}.[0-9a-f]* ${clusterKeysDirectory(desired.name)}`,
      sh`rmdir ${emptied(desired)} 2>/dev/null || true`,
      sh`systemctl daemon-reload`,
    ]),
    { deadline: 300 },
  );
}

/** Everything `up` made on a host but the account. */
function purged(desired: DesiredCluster): readonly string[] {
  const { paths } = desired;
  const programs = paths.current === paths.binaries ? [] : [paths.current, paths.binaries];
  // Of a restore that was begun, so that the next cluster does not find it.
  const restoring = [restorePlaces(paths, '', false).staging, intentPath(desired)];
  return [paths.data, ...restoring, paths.confFile, paths.pki, paths.unitFile, ...programs];
}

/** Directories that are ours once nothing is left in them. */
function emptied({ paths }: DesiredCluster): readonly string[] {
  const ours = [paths.conf, KEYS_DIRECTORY];
  return paths.current === paths.binaries ? ours : [...ours, dirname(paths.current)];
}
