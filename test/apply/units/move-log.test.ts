import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { beforeMove, moveLog } from '../../../src/apply/units/move-log.ts';
import type { Host } from '../../../src/host/host.ts';
import { must } from '../../../src/host/host-error.ts';
import type { LogMove } from '../../../src/plan/log-move.ts';
import { lines } from '../../../src/shell/command.ts';
import { localHost } from '../../host/local-host.ts';
import { mortalHost } from '../mortal.ts';

const root = mkdtempSync(join(tmpdir(), 'provision-move-'));
test.after.always(() => rmSync(root, { recursive: true }));

// Whatever changes a file counts, and kills the shell that called it when its turn has come.
const mortal = mortalHost(root, ['mv', 'rm', 'cp', 'sync']);
const host = localHost('etcd01');

/** A host with a log in `old`, and a directory for another. */
function machine(): LogMove & { readonly home: string } {
  const home = mkdtempSync(join(root, 'host-'));
  mkdirSync(join(home, 'old/wal'), { recursive: true });
  mkdirSync(join(home, 'new'));
  writeFileSync(join(home, 'old/wal/0.wal'), 'log');
  writeFileSync(join(home, 'old/wal/1.wal'), 'goes on');
  return { home, from: join(home, 'old/wal'), to: join(home, 'new/wal') };
}

const move = (on: Host, one: LogMove) =>
  must(on, 'move the log', lines([beforeMove(one), moveLog(one)]));

const whole = (directory: string) =>
  existsSync(join(directory, '0.wal')) &&
  readFileSync(join(directory, '0.wal'), 'utf8') === 'log' &&
  readFileSync(join(directory, '1.wal'), 'utf8') === 'goes on';

test('moveLog() has the log at its new place alone, and the former one under another name', async (t) => {
  const one = machine();
  await move(host, one);
  t.true(whole(one.to));
  t.deepEqual(readdirSync(join(one.home, 'old')), ['wal.former']);
  t.true(whole(`${one.from}.former`));
  await move(host, one);
  t.true(whole(one.to));
  // The way back takes what was written since.
  writeFileSync(join(one.to, '1.wal'), 'goes on');
  writeFileSync(join(one.to, '2.wal'), 'since');
  await move(host, { from: one.to, to: one.from });
  t.true(whole(one.from));
  t.is(readFileSync(join(one.from, '2.wal'), 'utf8'), 'since');
  t.deepEqual(readdirSync(join(one.home, 'new')), ['wal.former']);
});

test('moveLog() leaves a whole log or none at both places, whatever step it was killed at, and goes on', async (t) => {
  let reached = 0;
  for (let turn = 0, isKilled = true; isKilled; turn++) {
    const one = machine();
    mortal.liveFor(turn);
    isKilled = await move(mortal.host, one).then(
      () => false,
      () => true,
    );
    const places = [one.from, one.to].filter((place) => existsSync(place));
    t.true(places.length > 0, `a log is there when killed at ${turn}`);
    for (const place of places) t.true(whole(place), `${place} killed at ${turn}`);
    await move(host, { ...one, isBegun: true });
    t.true(whole(one.to), `again, killed at ${turn}`);
    t.false(existsSync(one.from));
    reached += 1;
  }
  t.true(reached > 6, `${reached} steps`);
});

test('beforeMove() refuses a place that has a log of its own', async (t) => {
  const one = machine();
  mkdirSync(one.to);
  writeFileSync(join(one.to, '0.wal'), 'of another');
  await t.throwsAsync(() => move(host, one), {
    message: `etcd01: could not move the log: a log is in ${one.to} already: nothing was moved`,
  });
  t.true(whole(one.from));
  t.is(readFileSync(join(one.to, '0.wal'), 'utf8'), 'of another');
});
