import { memberAccess } from '../../desired/access.ts';
import { etcdctl as command, hasFlag } from '../../etcd/etcdctl.ts';
import { Failure } from '../../failure/failure.ts';
import { removedMembers } from '../../plan/membership/member-removal.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { secretAsker } from '../../run/ask-secret.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import { lookupAccess } from './lookup-access.ts';
import type { etcdctlOptions } from './options.ts';

const MINUTES = 60;

/** What the host's stty says of a password that does not come from a terminal there. */
const NO_TERMINAL = /^stty: 'standard input': .*\n/gm;

/** etcd's word for membership changes while a member is not connected (etcd: server/etcdserver/cluster_util.go). */
const TEMPORARILY_REFUSED = 'unhealthy cluster';
const RUN_IT_AGAIN =
  'etcd changes its members only when each has been connected to all others for 5 seconds; run it again\n';

/** Runs etcdctl on a member with the right certificates and all endpoints; its exit code becomes ours. */
export async function etcdctl(args: ArgumentsOf<typeof etcdctlOptions>): Promise<void> {
  const rest = args['--'];
  const words = Array.isArray(rest) ? rest.map(String) : [];
  if (words.length === 0) {
    throw new Failure('usage', 'say what etcdctl should do, after --', {
      next: [remedy`${provision('etcdctl', INVENTORY, '--', 'member', 'list')}`],
    });
  }
  await withSession({ ...args, needs: 'any-host', unlogged: true }, async (session) => {
    const { desired, hosts, unreachable } = session;
    const name = args.member ?? [...hosts.keys()][0] ?? '';
    const host = hosts.get(name);
    if (host === undefined) {
      const known = desired.members.map((member) => member.name).join(', ');
      throw (
        unreachable.get(name) ??
        new Failure('usage', `there is no member ${name}`, { next: [remedy`members are ${known}`] })
      );
    }
    const removed = args.force ? [] : removedMembers(words);
    if (removed.length > 0)
      await (await import('./guard-removal.ts')).guardRemoval(session, removed);
    // A snapshot is that of one member.
    const asked = words.includes('snapshot')
      ? desired.members.filter((member) => member.name === name)
      : desired.members;
    const { protocol, endpoints } = await lookupAccess({ ...desired, members: asked }, hosts);
    if (endpoints.length === 0 && !hasFlag(words, '--endpoints'))
      throw new Failure('failed', `${desired.name}: no member serves clients over ${protocol}`, {
        next: [remedy`${provision('status', INVENTORY)} shows who serves what`],
      });
    const access = memberAccess({ ...desired, protocol }, endpoints);
    const input = await inputFor(words);
    const { exitCode, stderr } = await host.run(command(access, words, 30), {
      deadline: 10 * MINUTES,
      output: process.stdout,
      ...(input === undefined ? {} : { input }),
    });
    process.stderr.write(stderr.replaceAll(NO_TERMINAL, ''));
    if (stderr.includes(TEMPORARILY_REFUSED)) process.stderr.write(RUN_IT_AGAIN);
    process.exitCode = exitCode;
  });
}

/** What etcdctl reads over there: what is piped into us, or the password of its user, which only we can ask for. */
async function inputFor(
  words: readonly string[],
): Promise<string | typeof process.stdin | undefined> {
  if (!process.stdin.isTTY) return process.stdin;
  const user = userWithoutPassword(words);
  if (user === undefined) return undefined;
  const password = await secretAsker()?.(`password of the etcd user ${user}`);
  return `${password?.reveal() ?? ''}\n`;
}

/** The user that etcdctl would ask a password for. */
function userWithoutPassword(words: readonly string[]): string | undefined {
  const given = words.flatMap((word, index) =>
    word === '--user' ? (words[index + 1] ?? []) : word.startsWith('--user=') ? word.slice(7) : [],
  );
  const hasPassword = words.some((word) => /^--password(=|$)/.test(word));
  return hasPassword ? undefined : given.findLast((user) => !user.includes(':'));
}
