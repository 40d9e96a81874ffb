import type { DesiredCluster } from '../desired/cluster.ts';
import { programsAt } from '../desired/programs.ts';
import { etcdctl } from '../etcd/etcdctl.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';

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
        next: `see ETCD_LISTEN_CLIENT_URLS in ${desired.paths.confFile} there, then run the command again`,
      });
    }),
  );
}
