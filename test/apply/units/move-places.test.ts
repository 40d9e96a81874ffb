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
import { beforeMoves, movePlaces } from '../../../src/apply/units/move-places.ts';
import type { Host } from '../../../src/host/host.ts';
import { must } from '../../../src/host/host-error.ts';
import { backwards, type PlaceMove } from '../../../src/plan/place-move.ts';
import { lines, sh } from '../../../src/shell/command.ts';
import { localHost } from '../../host/local-host.ts';
import { mortalHost } from '../mortal.ts';

const root = mkdtempSync(join(tmpdir(), 'provision-move-'));
test.after.always(() => rmSync(root, { recursive: true }));

// Whatever changes a file counts, and kills the shell that called it when its turn has come.
const mortal = mortalHost(root, ['mv', 'rm', 'cp', 'sync']);
const host = localHost('etcd01');

const file = (...path: readonly string[]) => readFileSync(join(...path), 'utf8');

/** A host with data in `old`, its log in it, and directories for another place of each. */
function machine(): { readonly home: string; readonly log: PlaceMove; readonly data: PlaceMove } {
  const home = mkdtempSync(join(root, 'host-'));
  mkdirSync(join(home, 'old/member/wal'), { recursive: true });
  mkdirSync(join(home, 'old/member/snap'));
  mkdirSync(join(home, 'new'));
  mkdirSync(join(home, 'fast'));
  writeFileSync(join(home, 'old/member/snap/db'), 'database');
  writeFileSync(join(home, 'old/member/wal/0.wal'), 'log');
  writeFileSync(join(home, 'old/member/wal/1.wal'), 'goes on');
  return {
    home,
    data: { of: 'data', from: join(home, 'old/member'), to: join(home, 'new/member') },
    log: { of: 'log', from: join(home, 'old/member/wal'), to: join(home, 'fast/wal') },
  };
}

/** What a host says where the two places are on two file systems. */
const apart = sh`findmnt() { printf '%s\n' "$5"; }`;

const move = (on: Host, moves: readonly PlaceMove[], disks = apart) =>
  must(on, 'move it', lines([disks, beforeMoves(moves), movePlaces(moves)]));

const whole = (directory: string) =>
  existsSync(join(directory, '0.wal')) &&
  file(directory, '0.wal') === 'log' &&
  file(directory, '1.wal') === 'goes on';
const wholeData = (directory: string) =>
  existsSync(join(directory, 'snap/db')) && file(directory, 'snap/db') === 'database';

test('movePlaces() has a log at its new place alone, and the former one under another name', async (t) => {
  const { home, log } = machine();
  await move(host, [log]);
  t.true(whole(log.to));
  t.deepEqual(readdirSync(join(home, 'old/member')).toSorted(), ['snap', 'wal.former']);
  t.true(whole(`${log.from}.former`));
  await move(host, [log]);
  t.true(whole(log.to));
  // The way back takes what was written since.
  writeFileSync(join(log.to, '1.wal'), 'goes on');
  writeFileSync(join(log.to, '2.wal'), 'since');
  await move(host, backwards([log]));
  t.true(whole(log.from));
  t.is(file(log.from, '2.wal'), 'since');
  t.deepEqual(readdirSync(join(home, 'fast')), ['wal.former']);
});

test('movePlaces() gives data another name where both places are on one file system', async (t) => {
  const { home, data, log } = machine();
  await move(host, [data], sh`:`);
  t.true(whole(join(data.to, 'wal')) && wholeData(data.to));
  t.deepEqual(readdirSync(join(home, 'old')), []);
  // Data first, then a log out of it; the other way round on the way back.
  const both = [backwards([data])[0], { ...log, from: join(home, 'old/member/wal') }].flatMap(
    (one) => one ?? [],
  );
  await move(host, both, sh`:`);
  t.true(whole(log.to) && wholeData(data.from));
  await move(host, backwards(both), sh`:`);
  t.true(whole(join(data.to, 'wal')) && wholeData(data.to));
  t.deepEqual([...readdirSync(join(home, 'old')), ...readdirSync(join(home, 'fast'))], []);
});

// They count in one file.
for (const [how, disks] of [
  ['copied', apart],
  ['renamed', sh`:`],
] as const)
  test.serial(
    `movePlaces() leaves all of it or none at both places, ${how} and killed at any step, and goes on`,
    async (t) => {
      let reached = 0;
      for (let turn = 0, isKilled = true; isKilled; turn++) {
        const { data, log } = machine();
        const moves = [data, { ...log, from: join(data.to, 'wal') }];
        mortal.liveFor(turn);
        isKilled = await move(mortal.host, moves, disks).then(
          () => false,
          () => true,
        );
        const stores = [data.from, data.to].filter((place) => existsSync(place));
        t.true(stores.length > 0, `data is there when killed at ${turn}`);
        for (const place of stores) t.true(wholeData(place), `${place} killed at ${turn}`);
        // Of the place that counts: the former one as long as there is anything.
        const logs = existsSync(data.from)
          ? [join(data.from, 'wal')]
          : [join(data.to, 'wal'), log.to].filter((place) => existsSync(place));
        t.true(logs.length > 0, `a log is there when killed at ${turn}`);
        for (const place of logs) t.true(whole(place), `${place} killed at ${turn}`);
        await move(
          host,
          moves.map((one) => ({ ...one, isBegun: true }) as const),
          disks,
        );
        t.true(whole(log.to) && wholeData(data.to), `again, killed at ${turn}`);
        t.false(existsSync(data.from) || existsSync(join(data.to, 'wal')));
        reached += 1;
      }
      t.true(reached > 4, `${reached} steps`);
    },
  );

test('beforeMoves() refuses a place that has data or a log of its own', async (t) => {
  const { data, log } = machine();
  mkdirSync(log.to);
  writeFileSync(join(log.to, '0.wal'), 'of another');
  await t.throwsAsync(() => move(host, [log]), {
    message: `etcd01: could not move it: a log is in ${log.to} already: nothing was moved`,
  });
  t.true(whole(log.from));
  t.is(file(log.to, '0.wal'), 'of another');
  mkdirSync(data.to);
  // Where the log is now counts, not where it will be on its way.
  for (const moves of [
    [data],
    [{ ...data, isBegun: true } as const, { ...log, from: join(data.to, 'wal') }],
  ])
    await t.throwsAsync(() => move(host, moves), {
      message: /is in .* already: nothing was moved$/,
    });
  t.true(whole(log.from));
});

test('beforeMoves() refuses a disk with too little room for a copy, and asks for none where it is one', async (t) => {
  const { data } = machine();
  const full = sh`stat() { echo '1000 4096'; }`;
  await t.throwsAsync(() => move(host, [data], lines([apart, full])), {
    message: `etcd01: could not move it: the disk of ${data.to} has too little room for the data: 3 MiB are free`,
  });
  t.true(wholeData(data.from));
  await move(host, [data], full);
  t.true(wholeData(data.to));
});

test('movePlaces() makes room on the way back by what it has copied before', async (t) => {
  const { home, data } = machine();
  await move(host, [data]);
  writeFileSync(join(data.to, 'snap/db'), 'since');
  const full = sh`stat() { echo '1000 4096'; }`;
  await must(host, 'move it back', lines([apart, full, movePlaces(backwards([data]))]));
  t.is(file(data.from, 'snap/db'), 'since');
  t.deepEqual(readdirSync(join(home, 'old')), ['member']);
});
