import { once } from 'node:events';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../failure/failure.ts';
import { provision, remedy } from '../problem/remedy.ts';
import { labHome } from './paths.ts';

/**
 * Runs the work while holding the named lock of this machine; others wait. The lock is an flock of a child that reads
 * our end of a pipe, so it dies with us, however we die.
 */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(lockDirectory(), { recursive: true });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const lock = await take(name);
    try {
      // Its last holder may have deleted the file: then others lock another one of that name.
      const now = await stat(lockPath(name)).catch(() => undefined);
      if (now?.ino === lock.inode) return await work();
    } finally {
      await lock.release();
    }
  }
  throw new Failure('failed', `the lock ${name} is deleted again and again`, {
    next: [remedy`see who uses the lab: ${provision('lab', 'list')}`],
  });
}

/** Deletes the file of a lock that is held, for what it guarded is gone for good. */
export async function forgetLock(name: string): Promise<void> {
  await rm(lockPath(name), { force: true });
}

const lockDirectory = (): string => join(labHome(), 'locks');
const lockPath = (name: string): string => join(lockDirectory(), name);

// Prints the number of the locked file, then holds on until its stdin ends.
const HOLD = 'exec 9>>"$1" && flock 9 && stat -L -c %i /dev/fd/9 && exec cat >/dev/null';

async function take(
  name: string,
): Promise<{ readonly inode: number; readonly release: () => Promise<void> }> {
  const holder = execa('/bin/sh', ['-c', HOLD, 'sh', lockPath(name)], {
    reject: false,
    // A terminal's Ctrl-C must not free the lock while we clean up.
    detached: true,
  });
  const endedEarly = async (): Promise<never> => {
    const { stderr } = await holder;
    throw new Failure('failed', `could not take the lock ${name}: ${stderr.trim()}`, {
      next: [remedy`see that the directory is there and yours: ls -ld /run`],
    });
  };
  const [inode] = await Promise.race([once(holder.stdout, 'data'), endedEarly()]);
  return {
    inode: Number(String(inode)),
    async release() {
      holder.stdin.end();
      await holder;
    },
  };
}
