import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { fencedHost } from '../../src/lock/fenced-host.ts';
import type { Holder } from '../../src/lock/holder.ts';
import { keep } from '../../src/lock/lock-script.ts';
import { sh } from '../../src/shell/command.ts';
import { type Shelter, shelter } from './shelter.ts';

const holder: Holder = {
  id: 'aaaa',
  who: "o'neil@north",
  pid: 11,
  command: 'up',
  since: '2026-11-21T10:00:00.000Z',
};

function start({ host }: Shelter) {
  const input = new PassThrough();
  const ended = host.run(keep('prod', holder, '{"cut":"off"}', 1), { input });
  return { input, ended };
}

const holderFile = ({ directory }: Shelter) => readFileSync(join(directory, 'prod.holder'), 'utf8');
const historyFile = ({ directory }: Shelter) =>
  readFileSync(join(directory, 'history.jsonl'), 'utf8');

async function isKept(place: Shelter): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    if ((await place.host.run(sh`test -s ${join(place.directory, 'prod.holder')}`)).exitCode === 0)
      return;
    await sleep(20);
  }
}

test('keep() writes who holds the lock, and nothing of it when told to end', async (t) => {
  const place = shelter('a');
  const { input, ended } = start(place);
  await isKept(place);
  const [id, json] = holderFile(place).split('\n');
  t.deepEqual([id, JSON.parse(json ?? '')], ['aaaa', holder]);
  input.end('..e');
  t.is((await ended).exitCode, 0);
  t.is(holderFile(place), '');
  t.throws(() => historyFile(place), { code: 'ENOENT' });
});

test('keep() notes in the history what it was told to note', async (t) => {
  const place = shelter('a');
  const { input, ended } = start(place);
  input.end('.c.n{"what":"$(date) `id`"}');
  t.is((await ended).exitCode, 0);
  t.is(historyFile(place), '{"what":"$(date) `id`"}\n');
});

test('keep() ends when its input ends, and notes it only where something was being changed', async (t) => {
  const idle = shelter('a');
  const first = start(idle);
  first.input.end('..');
  t.is((await first.ended).exitCode, 1);
  t.is(holderFile(idle), `cut\n${JSON.stringify(holder)}\n`);
  t.throws(() => historyFile(idle), { code: 'ENOENT' });

  const busy = shelter('b');
  const began = Date.now() / 1000;
  const second = start(busy);
  second.input.end('.c.');
  t.is((await second.ended).exitCode, 1);
  const [line = '', ...more] = historyFile(busy).split('\n');
  t.deepEqual(more, ['']);
  const { cutAt, ...noted } = JSON.parse(line);
  t.deepEqual(noted, { cut: 'off' });
  t.true(cutAt >= Math.floor(began) && cutAt <= Date.now() / 1000, `cut at ${cutAt}`);
});

test('fencedHost() runs commands only while the lock is kept for this run', async (t) => {
  const place = shelter('a');
  let guards = false;
  const host = fencedHost(place.host, 'prod', 'aaaa', () => guards);
  t.is((await host.run(sh`echo before`)).stdout, 'before\n');
  guards = true;
  const refused = {
    message: 'a: no longer keeps the lock of prod for this run, so nothing more is done',
  };
  await t.throwsAsync(host.run(sh`touch ${join(place.directory, 'touched')}`), refused);

  const { input, ended } = start(place);
  await isKept(place);
  t.deepEqual(await host.run(sh`cat; exit 7`, { input: 'through' }), {
    ...{ exitCode: 7, stdout: 'through', stderr: '' },
  });
  const stranger = fencedHost(place.host, 'prod', 'bbbb', () => true);
  await t.throwsAsync(stranger.run(sh`touch ${join(place.directory, 'touched')}`), refused);
  input.end();
  await ended;
  await t.throwsAsync(host.run(sh`touch ${join(place.directory, 'touched')}`), refused);
  t.is((await place.host.run(sh`test -e ${join(place.directory, 'touched')}`)).exitCode, 1);
});
