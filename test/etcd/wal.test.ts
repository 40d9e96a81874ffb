import { readFileSync } from 'node:fs';
import test from 'ava';
import { readWalOwner, wasLed } from '../../src/etcd/wal.ts';

/**
 * The beginnings of real logs, without the zeros behind: of one member of three that was started alone, of a cluster of
 * one, and of a restored member of two.
 */
const HEADS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('wal-heads.json', import.meta.url), 'utf8'),
);
const UNLED = { memberId: '4dae0a4c158264b8', clusterId: 'ca469e2ab738871f' };

/** As a host gives it: as much as is asked for, of a file that etcd fills with zeros. */
function segment(name: string, bytes = 8192): Buffer {
  const file = Buffer.alloc(65_536);
  Buffer.from(HEADS[name] ?? '', 'base64').copy(file);
  return file.subarray(0, bytes);
}

for (const name of Object.keys(HEADS))
  test(`wasLed() tells whether a leader has written to the log: ${name}`, (t) => {
    t.is(wasLed(segment(name)), !name.startsWith('unled'));
  });

test('wasLed() says nothing where the beginning is cut short, or is no log', (t) => {
  t.is(wasLed(segment('unled 3.5.16', 300)), undefined);
  t.is(wasLed(Buffer.alloc(0)), undefined);
  t.is(wasLed(Buffer.alloc(512)), undefined);
  t.is(wasLed(Buffer.from('no log of etcd at all, whatever its name says')), undefined);
});

test('readWalOwner() reads the ids of any version', (t) => {
  for (const name of Object.keys(HEADS).filter((one) => one.startsWith('unled')))
    t.deepEqual(readWalOwner(segment(name, 512)), UNLED);
  t.is(readWalOwner(Buffer.alloc(512)), undefined);
});
