import { type EtcdMember, readEndpointStatus } from '../etcd/answers.ts';
import { isDenied } from '../etcd/denied.ts';
import { type Access, etcdctl } from '../etcd/etcdctl.ts';
import type { Host } from '../host/host.ts';

/**
 * The ids of those of these members that answer at a client URL of theirs, asked from another host. Who answers there has to
 * say the member's own id: an address such as 127.0.0.1 leads back to the host that asks. One that wants a user before it says
 * who it is counts as answering.
 */
export async function askStrangers(
  host: Host,
  access: Omit<Access, 'endpoints'>,
  members: readonly EtcdMember[],
): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(
    members.map(async ({ id, clientUrls }) => {
      const told = await Promise.all(clientUrls.map((url) => isThere(host, access, url, id)));
      return told.includes(true) ? [id] : [];
    }),
  );
  return new Set(answers.flat());
}

async function isThere(
  host: Host,
  access: Omit<Access, 'endpoints'>,
  url: string,
  id: string,
): Promise<boolean> {
  const asked = etcdctl({ ...access, endpoints: [url] }, ['endpoint', 'status', '-w', 'json']);
  const { exitCode, stdout, stderr } = await host.run(asked, { deadline: 30 });
  if (exitCode !== 0) return isDenied(stderr);
  const [status] = readEndpointStatus(stdout);
  return status?.memberId === id;
}
