import { memberAccess } from '../../desired/access.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { type EtcdMember, readEndpointStatus } from '../../etcd/answers.ts';
import { isDenied } from '../../etcd/denied.ts';
import { etcdctl } from '../../etcd/etcdctl.ts';
import type { Host } from '../../host/host.ts';

/** Who answers at the client URLs of a member. An address such as 127.0.0.1 leads back to the host that asks. */
export type WhoAnswers = 'itself' | 'another';

/**
 * Who answers at the client URLs of these members, by their ids, asked from the host of another one; nothing for those where
 * nobody does. A member answers itself where it says its own id, or wants a user before it says who it is.
 */
export async function askFromOutside(
  host: Host,
  cluster: Pick<DesiredCluster, 'paths'>,
  members: readonly EtcdMember[],
): Promise<ReadonlyMap<string, WhoAnswers>> {
  const answers = await Promise.all(
    members.map(async ({ id, clientUrls }) => {
      const told = await Promise.all(clientUrls.map((url) => whoIsThere(host, cluster, url, id)));
      const who = told.includes('itself') ? 'itself' : told.find((one) => one !== undefined);
      return who === undefined ? [] : [[id, who] as const];
    }),
  );
  return new Map(answers.flat());
}

async function whoIsThere(
  host: Host,
  { paths }: Pick<DesiredCluster, 'paths'>,
  url: string,
  id: string,
): Promise<WhoAnswers | undefined> {
  // In the dual-protocol stage members may be listed by the other protocol than the inventory's.
  const protocol = url.startsWith('https:') ? 'https' : 'http';
  const access = memberAccess({ paths, protocol }, [url]);
  const asked = etcdctl(access, ['endpoint', 'status', '-w', 'json']);
  const { exitCode, stdout, stderr } = await host.run(asked, { deadline: 30 });
  if (exitCode !== 0) return isDenied(stderr) ? 'itself' : undefined;
  const [status] = readEndpointStatus(stdout);
  return status?.memberId === id ? 'itself' : 'another';
}
