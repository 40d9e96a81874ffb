import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { nextText } from '../../src/problem/render.ts';
import { sh } from '../../src/shell/command.ts';
import { connectAll } from '../../src/ssh/connect.ts';
import type { Target } from '../../src/ssh/target.ts';
import { spoken } from '../spoken.ts';
import { connected, refused, sshdFor } from './connected.ts';
import { directoryFor } from './directory.ts';
import type { Sshd } from './sshd.ts';

const { username } = userInfo();
const logins = (sshd: Sshd) => sshd.log().split('Accepted publickey').length - 1;
const hopTo = ({ port }: Sshd) => `${username}@127.0.0.1:${port}`;

/** Two bastions and a target that all take one key; known_hosts knows those listed. */
async function chain(t: ExecutionContext, config: readonly string[] = []) {
  const outer = await sshdFor(t, { config });
  const options = { config: [`AuthorizedKeysFile ${outer.directory}/authorized_keys`] };
  const inner = await sshdFor(t, options);
  const last = await sshdFor(t, options);
  const file = join(directoryFor(t), 'known_hosts');
  const knowing = (sshds: readonly Sshd[]): Target => {
    const lines = sshds.map((each) => `[127.0.0.1]:${each.port} ${each.hostKey('ed25519')}\n`);
    writeFileSync(file, lines.join(''));
    return last.target({
      knownHosts: file,
      identityFile: outer.identityFile,
      jump: `${hopTo(outer)},${hopTo(inner)}`,
    });
  };
  return { outer, inner, last, knowing, file };
}

test('connectAll() goes through two jump hosts, one connection each for all targets', async (t) => {
  const { outer, inner, last, knowing } = await chain(t);
  const target = knowing([outer, inner, last]);
  const hosts = await connectAll([target, target, target], { concurrency: 3 });
  const alive = hosts.flatMap((host) => (host instanceof Failure ? [] : [host]));
  t.is(alive.length, 3);
  const said = await Promise.all(alive.map((host) => host.run(sh`echo in`)));
  t.deepEqual(
    said.map(({ stdout }) => stdout),
    ['in\n', 'in\n', 'in\n'],
  );
  t.deepEqual([outer, inner, last].map(logins), [1, 1, 3]);

  await Promise.all(alive.slice(1).map((host) => host.close()));
  t.is((await alive[0]?.run(sh`echo still in`))?.stdout, 'still in\n');
  await alive[0]?.close();
});

test('connectAll() moves bytes through two jump hosts', async (t) => {
  const { outer, inner, last, knowing } = await chain(t);
  const host = await connected(t, knowing([outer, inner, last]));
  const { stdout } = await host.run(sh`wc -c`, { input: Buffer.alloc(10_000_000) });
  t.is(stdout, '10000000\n');
});

test('connectAll() verifies a jump host like a target', async (t) => {
  const { outer, inner, last, knowing, file } = await chain(t);
  const failure = await refused(t, knowing([outer, last]));
  t.true(
    failure.message.startsWith(
      `etcd01 (by way of 127.0.0.1): the host key of 127.0.0.1 port ${inner.port} is not known: it is ED25519 SHA256:`,
    ),
    failure.message,
  );
  t.is(failure.reason, 'unreachable');
  t.is(
    nextText(failure.next ?? []),
    `compare the fingerprint on the host, then: ssh -o UserKnownHostsFile=${file} -J ${hopTo(outer)} -p ${inner.port} ${username}@127.0.0.1 true`,
  );
  t.deepEqual([outer, inner, last].map(logins), [1, 0, 0]);
});

test('connectAll() verifies a target behind a jump host', async (t) => {
  const { outer, inner, last, knowing } = await chain(t);
  const failure = await refused(t, knowing([outer, inner]));
  t.true(failure.message.startsWith(`etcd01: the host key of 127.0.0.1 port ${last.port} is not`));
  t.deepEqual([outer, inner, last].map(logins), [1, 1, 0]);
});

test('connectAll() says which jump host cannot reach what is next', async (t) => {
  const { outer, inner, last, knowing } = await chain(t);
  const target = knowing([outer, inner, last]);
  await last.stop();
  const failure = await refused(t, target);
  t.like(failure, {
    reason: 'unreachable',
    message: `etcd01 (by way of 127.0.0.1): nobody answers at 127.0.0.1 port ${last.port}`,
  });
});

test('connectAll() says that a jump host forwards nothing', async (t) => {
  const { outer, inner, last, knowing } = await chain(t, ['AllowTcpForwarding no']);
  const failure = await refused(t, knowing([outer, inner, last]));
  t.like(spoken(failure), {
    message: `etcd01 (by way of 127.0.0.1): sshd does not forward a connection to 127.0.0.1 port ${inner.port}`,
    next: 'allow it in sshd_config there: AllowTcpForwarding local',
  });
});

test('connectAll() reaches an IPv6 address', async (t) => {
  const sshd = await sshdFor(t, { address: '::1' });
  const host = await connected(t, sshd.target());
  t.is((await host.run(sh`echo in`)).stdout, 'in\n');
});
