import { dirname, resolve } from 'node:path';
import { askStatus } from '../../facts/etcd/ask-status.ts';
import { gatherMember } from '../../facts/member.ts';
import { must } from '../../host/host-error.ts';
import { typedPhrase } from '../../run/ask.ts';
import { askEachMember } from '../../run/observe-hosts.ts';
import type { Operation } from '../../run/operation.ts';
import { refuseMisdescribed } from '../../run/refuse-foreign.ts';
import { sh } from '../../shell/command.ts';
import { snapshotDirectory } from '../../snapshot/directory.ts';
import { fetchDatabase } from '../../snapshot/fetch-database.ts';
import { AuthenticationDenied } from '../../snapshot/needs-user.ts';
import { saveSnapshot } from '../../snapshot/save.ts';
import { noMember } from '../snapshot/verify.ts';
import type { RestoreArguments } from './options.ts';

/**
 * What a member of a cluster without quorum still has, as a snapshot on this machine: by etcd's own way where it still
 * serves, else its database, for which its etcd must stand still. Gives the path. Throws a Failure.
 */
export async function databaseOf(
  operation: Operation,
  name: string,
  args: RestoreArguments,
): Promise<string> {
  const { desired, hosts, store, inventory, stop } = operation;
  const host = hosts.get(name);
  const member = desired.members.find((one) => one.name === name);
  if (host === undefined || member === undefined) throw noMember(name, hosts);
  await operation.observe(() => refuseMisdescribed(operation, args));
  const directory = snapshotDirectory(inventory, dirname(resolve(args.inventory)));
  const now = new Date();

  const { status } = await askStatus(host, desired);
  if (status !== undefined) {
    const wish = { directory, keepOnHost: false, member: name, now };
    const saved = await saveSnapshot(desired, hosts, wish).catch(undefinedIfDenied);
    if (saved !== undefined) {
      if (!args.json)
        console.log(
          `${name} serves what it has: revision ${saved.record.revision}, in ${saved.path}`,
        );
      return saved.path;
    }
  }

  const seen = await operation.observe(() =>
    askEachMember(
      { ...operation, desired: { ...desired, members: [member] }, needs: { host: name } },
      () => gatherMember(host, desired, member, store),
    ),
  );
  const { unit, data } = seen.get(name) ?? {};
  if (unit !== undefined && unit.pid > 0) {
    if (!args.json)
      console.log(`${name} gives no snapshot; its etcd must stop before its database can be read`);
    if (args.yesRestore !== desired.name) {
      await typedPhrase(`stop ${name}`, `--yes-restore ${desired.name}`, stop);
    }
    const change = { changes: `stop ${desired.unit}.service on ${name}` };
    await operation.change(change, () =>
      must(host, `stop ${desired.unit}.service`, sh`systemctl stop ${desired.unit}.service`, {
        deadline: 120,
      }),
    );
  }
  const { path, record } = await fetchDatabase(desired, host, data?.wal?.clusterId, directory, now);
  if (!args.json) console.log(`${name} has revision ${record.revision}, in ${path}`);
  return path;
}

// With etcd's authentication on a snapshot is only for users with the role root; the database needs nobody's leave.
function undefinedIfDenied(error: unknown): undefined {
  if (error instanceof AuthenticationDenied) return;
  throw error;
}
