import { memberAccess } from '../desired/access.ts';
import { etcdctl as command } from '../etcd/etcdctl.ts';
import { Failure } from '../failure/failure.ts';
import type { ArgumentsOf } from './command.ts';
import type { etcdctlOptions } from './options.ts';
import { withSession } from './session.ts';

const MINUTES = 60;

/** Runs etcdctl on a member with the right certificates and all endpoints; its exit code becomes ours. */
export async function etcdctl(args: ArgumentsOf<typeof etcdctlOptions>): Promise<void> {
  const rest = args['--'];
  const words = Array.isArray(rest) ? rest.map(String) : [];
  if (words.length === 0) {
    throw new Failure('usage', 'say what etcdctl should do, after --', {
      next: `provision etcdctl ${args.inventory} -- member list`,
    });
  }
  await withSession(
    { ...args, acceptUnreachable: true, unlogged: true },
    async ({ desired, hosts, unreachable }) => {
      const name = args.member ?? [...hosts.keys()][0] ?? '';
      const host = hosts.get(name);
      if (host === undefined) {
        const known = desired.members.map((member) => member.name).join(', ');
        throw (
          unreachable.get(name) ??
          new Failure('usage', `there is no member ${name}`, { next: `members are ${known}` })
        );
      }
      const access = memberAccess(
        desired,
        desired.members.map(({ clientUrl }) => clientUrl),
      );
      const { exitCode, stderr } = await host.run(command(access, words, 30), {
        deadline: 10 * MINUTES,
        output: process.stdout,
        ...(process.stdin.isTTY ? {} : { input: process.stdin }),
      });
      process.stderr.write(stderr);
      process.exitCode = exitCode;
    },
  );
}
