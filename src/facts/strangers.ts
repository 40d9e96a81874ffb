import type { EtcdMember } from '../etcd/answers.ts';
import { type Access, etcdctl } from '../etcd/etcdctl.ts';
import type { Host } from '../host/host.ts';

/** The ids of those of these members that answer a linearizable read at a client URL of theirs, asked from another host. */
export async function askStrangers(
  host: Host,
  access: Omit<Access, 'endpoints'>,
  members: readonly EtcdMember[],
): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(
    members.map(async ({ id, clientUrls }) => {
      if (clientUrls.length === 0) return [];
      const { exitCode } = await host.run(
        etcdctl({ ...access, endpoints: clientUrls }, ['endpoint', 'health']),
        { deadline: 30 },
      );
      return exitCode === 0 ? [id] : [];
    }),
  );
  return new Set(answers.flat());
}
