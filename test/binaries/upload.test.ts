import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Binary } from '../../src/binaries/binary.ts';
import { uploadBinary } from '../../src/binaries/upload.ts';
import { Failure } from '../../src/failure/failure.ts';
import { nextText } from '../../src/problem/render.ts';
import { sh } from '../../src/shell/command.ts';
import { localHost } from '../host/local-host.ts';
import { program, sha256, temporary } from './sample.ts';

// An upload gives the file to root.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const host = localHost('etcd01');
const MEBIBYTE = 1024 * 1024;

function sample(t: ExecutionContext, bytes = 4096): Binary {
  const path = join(temporary(t), 'etcd');
  writeFileSync(path, program(bytes));
  return { name: 'etcd', path, size: bytes, architecture: 'amd64', sha256: sha256(path) };
}

/** A file system of its own; gone with the test. */
function smallDisk(t: ExecutionContext, mebibytes: number): string {
  const disk = join(temporary(t), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'provision-test', disk]);
  t.teardown(() => execFileSync('umount', ['--lazy', disk]));
  return disk;
}

asRoot("uploadBinary() puts a program in place, root's, executable and noted", async (t) => {
  const binary = sample(t, 3 * MEBIBYTE + 7);
  const directory = join(temporary(t), "opt/it's etcd/3.5.30");
  let sent = 0;
  await uploadBinary(host, directory, binary, {
    onBytes: (bytes) => {
      sent += bytes;
    },
  });
  const { mode, uid, gid } = statSync(join(directory, 'etcd'));
  t.deepEqual([mode & 0o7777, uid, gid, sent], [0o755, 0, 0, binary.size]);
  t.deepEqual(readFileSync(join(directory, 'etcd')), readFileSync(binary.path));
  t.deepEqual(readdirSync(directory), ['.etcd.sum', 'etcd']);
});

asRoot(
  'uploadBinary() gives a program to root where the directory hands its group down',
  async (t) => {
    const directory = temporary(t);
    chownSync(directory, 0, 1);
    chmodSync(directory, 0o2755);
    await uploadBinary(host, directory, sample(t));
    const { uid, gid } = statSync(join(directory, 'etcd'));
    t.deepEqual([uid, gid], [0, 0]);
  },
);

asRoot('uploadBinary() replaces a program that is running', async (t) => {
  const directory = temporary(t);
  execFileSync('cp', ['/bin/sleep', join(directory, 'etcd')]);
  const { stdout } = await host.run(sh`${join(directory, 'etcd')} 30 > /dev/null 2>&1 & echo $!`);
  t.teardown(() => process.kill(Number(stdout)));
  const binary = sample(t);
  await uploadBinary(host, directory, binary);
  t.is(sha256(join(directory, 'etcd')), binary.sha256);
});

asRoot('uploadBinary() leaves the old program where something else arrives', async (t) => {
  const directory = temporary(t);
  writeFileSync(join(directory, 'etcd'), 'old');
  const binary = sample(t);
  writeFileSync(binary.path, program());
  const failure = await t.throwsAsync(uploadBinary(host, directory, binary), {
    instanceOf: Failure,
  });
  t.is(
    failure.message,
    `etcd01: could not put etcd into ${directory}: arrived with sha256 ${sha256(binary.path)} instead of ${binary.sha256}`,
  );
  t.deepEqual(readdirSync(directory), ['etcd']);
  t.is(readFileSync(join(directory, 'etcd'), 'utf8'), 'old');
});

asRoot(
  'uploadBinary() refuses before it writes where too little space would be left',
  async (t) => {
    const disk = smallDisk(t, 70);
    const failure = await t.throwsAsync(uploadBinary(host, disk, sample(t, 20 * MEBIBYTE)), {
      instanceOf: Failure,
    });
    t.is(
      failure.message,
      `etcd01: no space for etcd in ${disk}: it needs 20 MiB and 64 MiB left over, provision-test on ${disk} has 70 MiB free`,
    );
    t.is(nextText(failure.next ?? []), `free some space on ${disk} of etcd01, then run it again`);
    t.deepEqual(readdirSync(disk), []);
  },
);

asRoot('uploadBinary() leaves the old program where the disk fills up meanwhile', async (t) => {
  const disk = smallDisk(t, 100);
  writeFileSync(join(disk, 'etcd'), 'old');
  let heard = 0;
  const failure = await t.throwsAsync(
    uploadBinary(host, disk, sample(t, 20 * MEBIBYTE), {
      onBytes: (bytes) => {
        heard += bytes;
        // By then the first mebibytes are through the pipe, so the shell has counted the space and is writing.
        if (heard === 8 * MEBIBYTE) fill(join(disk, 'filler'));
      },
    }),
    { instanceOf: Failure },
  );
  t.regex(
    failure.message,
    /^etcd01: no space for etcd in .*, provision-test on .* has 0 MiB free$/,
  );
  t.deepEqual(readdirSync(disk), ['etcd', 'filler']);
  t.is(readFileSync(join(disk, 'etcd'), 'utf8'), 'old');
});

asRoot('uploadBinary() clears what a killed upload left', async (t) => {
  const directory = temporary(t);
  writeFileSync(join(directory, '.etcd.part'), 'half');
  const binary = sample(t);
  await uploadBinary(host, directory, binary);
  t.deepEqual(readdirSync(directory), ['.etcd.sum', 'etcd']);
});

asRoot('uploadBinary() waits for another run that puts programs into the same place', async (t) => {
  const directory = temporary(t);
  const slow = sample(t, 4 * MEBIBYTE);
  let begun = () => {};
  const isUnderWay = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const first = uploadBinary(host, directory, slow, { onBytes: begun });
  await isUnderWay;
  const others = [1, 2, 3].map(() => uploadBinary(host, directory, slow));
  await Promise.all([first, ...others]);
  t.is(sha256(join(directory, 'etcd')), slow.sha256);
  t.deepEqual(readdirSync(directory), ['.etcd.sum', 'etcd']);
});

asRoot('uploadBinary() leaves the same program alone, which another run may use', async (t) => {
  const directory = temporary(t);
  const binary = sample(t, MEBIBYTE);
  const path = join(directory, 'etcd');
  // The first one to come puts it there.
  await Promise.all([1, 2, 3].map(() => uploadBinary(host, directory, binary)));
  const { ino } = statSync(path);
  await Promise.all([1, 2, 3].map(() => uploadBinary(host, directory, binary)));
  t.is(statSync(path).ino, ino);
  // One that others could have changed is brought again.
  chmodSync(path, 0o775);
  await uploadBinary(host, directory, binary);
  t.not(statSync(path).ino, ino);
  t.is(statSync(path).mode & 0o7777, 0o755);
});

asRoot('uploadBinary() leaves a program that came after the run had looked', async (t) => {
  const directory = temporary(t);
  const path = join(directory, 'etcd');
  writeFileSync(path, 'of another cluster');
  const replaces = { sha256: undefined, unit: 'etcd' };
  const failure = await t.throwsAsync(uploadBinary(host, directory, sample(t), { replaces }), {
    instanceOf: Failure,
  });
  t.is(failure.reason, 'refused');
  t.is(
    failure.message,
    `etcd01: ${path} stays: another program was put there since this run looked: it may be another cluster's`,
  );
  t.is(readFileSync(path, 'utf8'), 'of another cluster');
  await uploadBinary(host, directory, sample(t), {
    replaces: { sha256: sha256(path), unit: 'etcd' },
  });
  t.not(readFileSync(path, 'utf8'), 'of another cluster');
});

asRoot('uploadBinary() leaves a program that runs outside the unit', async (t) => {
  const directory = temporary(t);
  const path = join(directory, 'etcd');
  execFileSync('cp', ['/bin/sleep', path]);
  const { stdout } = await host.run(sh`${path} 30 > /dev/null 2>&1 & echo $!`);
  t.teardown(() => process.kill(Number(stdout)));
  const before = sha256(path);
  const failure = await t.throwsAsync(
    uploadBinary(host, directory, sample(t), { replaces: { sha256: before, unit: 'etcd' } }),
    { instanceOf: Failure },
  );
  t.regex(
    failure.message,
    /^etcd01: .*\/etcd stays: (process \d+|\S+\.service) runs it, and it is not the program that is to be put there$/,
  );
  t.is(sha256(path), before);
});

asRoot('uploadBinary() stops when it is told to, and leaves the old program', async (t) => {
  const directory = temporary(t);
  writeFileSync(join(directory, 'etcd'), 'old');
  const stop = new AbortController();
  const reason = new Failure('interrupted', 'interrupted');
  const failure = await t.throwsAsync(
    uploadBinary(host, directory, sample(t, 20 * MEBIBYTE), {
      onBytes: () => stop.abort(reason),
      signal: stop.signal,
    }),
  );
  t.is(failure, reason);
  // The shell over there clears up after it was left alone.
  for (let wait = 0; wait < 100 && readdirSync(directory).length > 1; wait++) await setTimeout(100);
  t.deepEqual(readdirSync(directory), ['etcd']);
  t.is(readFileSync(join(directory, 'etcd'), 'utf8'), 'old');
});

function fill(path: string): void {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(MEBIBYTE);
  try {
    for (let written = 0; written < 200; written++) writeSync(file, block);
  } catch {
    // Expected: no space left on device, which is what the test is about.
  } finally {
    closeSync(file);
  }
}
