import test from 'ava';
import { HostError, must } from '../../src/host/host-error.ts';
import { type Command, sh } from '../../src/shell/command.ts';
import { localHost } from './local-host.ts';

const fails = test.macro(async (t, command: Command, message: string, evidence: string) => {
  const error = await t.throwsAsync(must(localHost('etcd01'), 'look', command), {
    instanceOf: HostError,
  });
  t.like(error, { message, log: evidence, reason: 'failed' });
});

test('must() gives the result of a command that succeeds', async (t) => {
  const result = await must(localHost('etcd01'), 'look', sh`echo fine`);
  t.deepEqual(result, { exitCode: 0, stdout: 'fine\n', stderr: '' });
});

test(
  'must() says host, purpose and the last words of a command that fails',
  fails,
  sh`echo out; echo first >&2; echo last >&2; exit 3`,
  'etcd01: could not look: last',
  'exit code 3\nstdout:\nout\n\nstderr:\nfirst\nlast\n',
);
test(
  'must() falls back on stdout, then on the exit code',
  fails,
  sh`exit 4`,
  'etcd01: could not look: exit code 4, without a word',
  'exit code 4\nstdout:\n\nstderr:\n',
);
test(
  'must() lets no host write to the terminal as it likes',
  fails,
  sh`printf '\\033]0;title\\007bad \\033[2Jnews\\n' >&2; exit 1`,
  'etcd01: could not look: bad news',
  'exit code 1\nstdout:\n\nstderr:\nbad news\n',
);
