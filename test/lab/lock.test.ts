import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { forgetLock, locked } from '../../src/lab/lock.ts';

const home = mkdtempSync(join(tmpdir(), 'provision-lock-'));
process.env.HOME = home;
test.after.always(() => rmSync(home, { recursive: true }));

test.serial(
  'locked() lets one work at a time, also when the lock is forgotten in between',
  async (t) => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(20);
      await forgetLock('turns');
      inside -= 1;
      return inside;
    };
    const results = await Promise.all(Array.from({ length: 8 }, () => locked('turns', work)));
    t.deepEqual([most, results], [1, [0, 0, 0, 0, 0, 0, 0, 0]]);
  },
);

test.serial('locked() is free again after a failure', async (t) => {
  await t.throwsAsync(
    locked('failing', () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  t.is(await locked('failing', async () => 'again'), 'again');
});

test.serial('locked() is free again when its holder is killed', async (t) => {
  const module = JSON.stringify(new URL('../../src/lab/lock.ts', import.meta.url).href);
  const script = `const {locked} = await import(${module});
await locked('killed', async () => { console.log('held'); await new Promise(() => setInterval(() => {}, 1000)); });`;
  const holder = spawn(
    process.execPath,
    ['--import=tsx', '--input-type=module', '--eval', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(holder.stdout, 'data');
  let free = false;
  const waiting = locked('killed', async () => {
    free = true;
  });
  await sleep(300);
  t.false(free);
  holder.kill('SIGKILL');
  await waiting;
  t.true(free);
});
