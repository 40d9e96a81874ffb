import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readWriteTest, testWrites } from '../../src/check/write-test.ts';
import { localHost } from '../host/local-host.ts';

test('readWriteTest() finds median and p99 of what dd says', (t) => {
  const said = Array.from(
    { length: 100 },
    (_, index) =>
      `1+0 records in\n1+0 records out\n2300 bytes (2.3 kB, 2.2 KiB) copied, ${index === 99 ? '0.5' : `0.00${101 + index}`} s, 5.5 MB/s\n`,
  );
  t.deepEqual(readWriteTest(said.join('')), { writes: 100, median: 1.5, p99: 1.99 });
  t.deepEqual(readWriteTest('2300 bytes copied, 9.8e-05 s, 23 MB/s\n'), {
    ...{ writes: 1, median: 0.098, p99: 0.098 },
  });
  t.is(readWriteTest('dd: failed to open: Read-only file system\n'), undefined);
});

test('testWrites() writes, and leaves nothing', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'provision-writes-'));
  const result = await testWrites(localHost('etcd01'), directory);
  t.true(
    result !== undefined && result.writes > 0 && result.median > 0 && result.p99 >= result.median,
  );
  t.deepEqual(readdirSync(directory), []);
  rmSync(directory, { recursive: true });
});

test('testWrites() says nothing of a directory that cannot be written to', async (t) => {
  t.is(await testWrites(localHost('etcd01'), '/nonexistent'), undefined);
});
