import { memberAccess } from '../desired/access.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { programsAt } from '../desired/programs.ts';
import { etcdctl } from '../etcd/etcdctl.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { remedy } from '../problem/remedy.ts';

/** Proves that no member answers clients in plain http any more. Throws a Failure that names one that does. */
export async function proveHttpRefused(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  await Promise.all(
    desired.members.map(async ({ name, clientUrl }) => {
      const endpoint = clientUrl.replace(/^https:/, 'http:');
      const access = {
        binDirectory: programsAt(desired.paths),
        endpoints: [endpoint],
        tls: undefined,
      };
      const result = await hosts.get(name)?.run(etcdctl(access, ['endpoint', 'health'], 2));
      if (result?.exitCode !== 0) return;
      throw new Failure('failed', `${name}: still answers plain http at ${endpoint}`, {
        next: [
          remedy`see ETCD_LISTEN_CLIENT_URLS in ${desired.paths.confFile} there, then run the command again`,
        ],
      });
    }),
  );
}

// It looks for alarms after its read succeeded; to be denied is an answer, too.
const ANSWERS = /Active Alarm\(s\)|user name is empty|user name not found|permission denied/;

/** Proves that every member answers clients by the cluster's protocol at this port. Throws a Failure that names one that does not. */
export async function proveServed(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  port: number,
): Promise<void> {
  await Promise.all(
    desired.members.map(async ({ name, clientUrl }) => {
      const endpoint = clientUrl.replace(/:\d+$/, `:${port}`);
      const access = memberAccess(desired, [endpoint]);
      const result = await hosts.get(name)?.run(etcdctl(access, ['endpoint', 'health'], 5));
      if (result === undefined || result.exitCode === 0) return;
      if (ANSWERS.test(result.stderr + result.stdout)) return;
      throw new Failure('failed', `${name}: does not answer clients at ${endpoint}`, {
        log: result.stderr,
        next: [
          remedy`see ETCD_LISTEN_CLIENT_URLS in ${desired.paths.confFile} there, then run the command again`,
        ],
      });
    }),
  );
}
