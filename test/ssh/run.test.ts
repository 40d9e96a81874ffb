import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { UnknownOutcome } from '../../src/host/unknown-outcome.ts';
import { sh } from '../../src/shell/command.ts';
import { connected, sshdFor } from './connected.ts';
import { directoryFor } from './directory.ts';

test('run() gives exit code, output and complaints apart', async (t) => {
  const sshd = await sshdFor(t);
  const host = await connected(t, sshd.target());
  t.deepEqual(await host.run(sh`echo ${"it's ü"}; echo no >&2; exit 7`), {
    exitCode: 7,
    stdout: "it's ü\n",
    stderr: 'no\n',
  });
});

test('run() counts a signal as shells do', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  t.deepEqual(await host.run(sh`kill -KILL $$`), { exitCode: 137, stdout: '', stderr: '' });
});

test('run() closes stdin at once where there is no input', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  t.deepEqual(await host.run(sh`cat; echo done`), { exitCode: 0, stdout: 'done\n', stderr: '' });
});

test('run() sends text, bytes and streams to the last byte', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const file = join(directoryFor(t), 'input');
  const bytes = randomBytes(5_000_001);
  writeFileSync(file, bytes);
  const sum = `${createHash('sha256').update(bytes).digest('hex')}  -\n`;
  const sums = await Promise.all(
    [bytes, createReadStream(file)].map((input) => host.run(sh`sha256sum`, { input })),
  );
  t.deepEqual(
    sums.map(({ stdout }) => stdout),
    [sum, sum],
  );
  t.is((await host.run(sh`cat`, { input: 'ü\n' })).stdout, 'ü\n');
});

test('run() writes output where it is wanted, and has written it when it resolves', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const directory = directoryFor(t);
  const bytes = randomBytes(5_000_001);
  writeFileSync(join(directory, 'there'), bytes);
  const output = createWriteStream(join(directory, 'here'));
  const result = await host.run(sh`cat ${join(directory, 'there')}; echo end >&2`, { output });

  t.deepEqual(result, { exitCode: 0, stdout: '', stderr: 'end\n' });
  t.true(readFileSync(join(directory, 'here')).equals(bytes));
});

test('run() does not mind a command that leaves its input unread', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const endless = Readable.from(endlessZeros(), { objectMode: false });
  const results = await Promise.all([
    host.run(sh`exit 3`, { input: Buffer.alloc(8_000_000) }),
    host.run(sh`exit 4`, { input: endless }),
  ]);
  t.deepEqual(
    results.map(({ exitCode }) => exitCode),
    [3, 4],
  );
  t.true(endless.destroyed);
});

function* endlessZeros() {
  for (let count = 0; count < 100_000; count++) yield Buffer.alloc(65_536);
}

test('run() stops a command whose input cannot be read', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const input = createReadStream('/nonexistent/file');
  const failure = await t.throwsAsync(host.run(sh`cat`, { input }), { instanceOf: Failure });
  t.is(failure?.message, 'etcd01: a command was stopped because its input could not be read');
  t.is((await host.run(sh`echo fine`)).stdout, 'fine\n');
});

test('run() stops a command whose output cannot be stored', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const output = createWriteStream('/nonexistent/file');
  const failure = await t.throwsAsync(host.run(sh`yes`, { output }), { instanceOf: Failure });
  t.is(failure?.message, 'etcd01: a command was stopped because its output could not be stored');
});

test('run() keeps 16 MiB and says when there was more', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const limit = 16 * 1024 * 1024;
  const { stdout } = await host.run(sh`head -c ${limit} /dev/zero`);
  t.is(stdout.length, limit);
  const failure = await t.throwsAsync(host.run(sh`head -c ${limit + 1} /dev/zero; exit 5`), {
    instanceOf: Failure,
  });
  t.is(
    failure?.message,
    'etcd01: a command (exit code 5) wrote more than 16 MiB, more than is kept',
  );
});

test('run() gives up at the deadline, ends what runs there and goes on', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const file = join(directoryFor(t), 'pid');
  const command = sh`echo $$ > ${file}; sleep 300; echo woke`;
  const failure = await t.throwsAsync(host.run(command, { deadline: 2 }), {
    instanceOf: UnknownOutcome,
  });
  t.is(
    failure?.message,
    'etcd01: a command did not end within 2 s; whether the command took effect is unknown',
  );
  const { exitCode } = await host.run(sh`for i in 1 2 3 4 5 6 7 8 9; do
kill -0 ${readFileSync(file, 'utf8').trim()} 2>/dev/null || exit 0; sleep .5; done; exit 1`);
  t.is(exitCode, 0, 'it still runs');
});

test('run() ends early when told to', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const controller = new AbortController();
  const reason = new Failure('interrupted', 'Ctrl-C');
  const running = host.run(sh`echo started; sleep 300`, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 100);
  t.is(await t.throwsAsync(running), reason);
  t.is(await t.throwsAsync(host.run(sh`true`, { signal: controller.signal })), reason);
});

test('run() sends a script longer than an argument may be', async (t) => {
  const host = await connected(t, (await sshdFor(t)).target());
  const long = 'ü'.repeat(200_000);
  const { stdout } = await host.run(sh`printf %s ${long} | sha256sum; cat`, { input: 'rest' });
  t.is(stdout, `${createHash('sha256').update(long).digest('hex')}  -\nrest`);
});

test('run() hears nothing of what profiles and banners say', async (t) => {
  const config = [
    `ForceCommand echo "Welcome!"; echo "Be quiet!" >&2; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`,
    'Banner /etc/passwd',
    'PrintMotd yes',
  ];
  const host = await connected(t, (await sshdFor(t, { config })).target());
  t.deepEqual(await host.run(sh`echo out; echo err >&2`), {
    exitCode: 0,
    stdout: 'out\n',
    stderr: 'err\n',
  });
});

test('run() says that the login shell did not come to our command', async (t) => {
  const config = ['ForceCommand printf "\\033[31mThis account is not available.\\n"; exit 1'];
  const host = await connected(t, (await sshdFor(t, { config })).target());
  t.like(await t.throwsAsync(host.run(sh`true`), { instanceOf: Failure }), {
    reason: 'unreachable',
    message:
      'etcd01: the login shell ended with exit code 1 before our command began: This account is not available.',
  });
});

test('run() never has more than four commands under way', async (t) => {
  const sshd = await sshdFor(t);
  const host = await connected(t, sshd.target());
  const slots = directoryFor(t);
  const command = sh`cd ${slots}; mkdir $$; sleep .3; ls | wc -l; sleep .3; rmdir $$`;
  const results = await Promise.all(Array.from({ length: 12 }, () => host.run(command)));
  const most = Math.max(...results.map(({ stdout }) => Number(stdout)));
  t.is(most, 4);
  t.is(sshd.log().split('Accepted publickey').length - 1, 1);
});

test('run() works through further connections where sshd allows a single session', async (t) => {
  const sshd = await sshdFor(t, { config: ['MaxSessions 1', 'MaxStartups 1:100:1'] });
  const host = await connected(t, sshd.target());
  const controller = new AbortController();
  // What holds the lock of a cluster stays open while everything else goes on.
  const lock = host.run(sh`sleep 300`, { signal: controller.signal });
  const commands = Array.from({ length: 8 }, (_, index) => host.run(sh`sleep .1; echo ${index}`));
  t.deepEqual(
    (await Promise.all(commands)).map(({ stdout }) => stdout),
    commands.map((_, index) => `${index}\n`),
  );
  for (let index = 0; index < 10; index++) {
    t.is((await host.run(sh`echo ${index}`)).stdout, `${index}\n`);
  }
  controller.abort(new Failure('interrupted', 'done'));
  await t.throwsAsync(lock, { message: 'done' });
});

test('run() says that sshd opens no session at all', async (t) => {
  const sshd = await sshdFor(t, { config: ['MaxSessions 0'] });
  const host = await connected(t, sshd.target());
  const failure = await t.throwsAsync(host.run(sh`true`), { instanceOf: Failure });
  t.is(failure?.message, 'etcd01: sshd refuses to open a session');
});
