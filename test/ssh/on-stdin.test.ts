import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { onStdin, READ_FROM_STDIN } from '../../src/ssh/on-stdin.ts';

async function run(input: ReturnType<typeof onStdin>, shell = '/bin/sh') {
  const bytes = await buffer(
    typeof input === 'string' || Buffer.isBuffer(input) ? Readable.from([input]) : input,
  );
  const { status, stdout, stderr } = spawnSync(shell, ['-c', READ_FROM_STDIN], {
    input: bytes,
    argv0: 'sh',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

const SCRIPT = "echo 'ü 漢字'\ncat <<E\nhere\nE\ncat\nexit 5\n\n\n";

for (const shell of ['/bin/dash', '/bin/bash']) {
  test(`onStdin() has ${shell} run the script and leaves it the input to the byte`, async (t) => {
    t.deepEqual(await run(onStdin(SCRIPT, 'the input\n\n'), shell), {
      status: 5,
      stdout: 'ü 漢字\nhere\nthe input\n\n',
      stderr: '',
    });
  });
}

test('onStdin() passes a stream on as it is', async (t) => {
  const input = Readable.from([Buffer.from('a\0b'), Buffer.from('c')], { objectMode: false });
  t.is((await run(onStdin('od -An -c', input))).stdout, '   a  \\0   b   c\n');
});

test('onStdin() skips a password that nobody asked for', async (t) => {
  t.is((await run(onStdin('echo ran; cat', 'rest', 'pa ss\n'))).stdout, 'ran\nrest');
});

test('onStdin() carries a script longer than an argument may be', async (t) => {
  const long = `: ${'x'.repeat(300_000)}\necho ran`;
  t.deepEqual(await run(onStdin(long)), { status: 0, stdout: 'ran\n', stderr: '' });
});

const NOTHING_RAN = {
  status: 126,
  stdout: '',
  stderr: 'provision: the script did not arrive whole, nothing was run\n',
};

test('onStdin() runs nothing of a script that is cut short, wherever it is cut', async (t) => {
  const whole = Buffer.from(`${onStdin('echo one\necho two')}`);
  const outcomes = await Promise.all(
    Array.from({ length: whole.length }, (_, cut) => run(whole.subarray(0, cut))),
  );
  t.deepEqual(
    outcomes,
    outcomes.map(() => NOTHING_RAN),
  );
});

test('onStdin() runs nothing when a profile has eaten the beginning', async (t) => {
  const whole = Buffer.from(`${onStdin('echo one\necho two')}`);
  t.deepEqual(await run(whole.subarray(4)), NOTHING_RAN);
});
