import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readSums, writeSums } from '../../src/binaries/sums.ts';
import { temporary } from './sample.ts';

test('readSums() reads what sha256sum prints, in text and in binary mode', (t) => {
  const directory = temporary(t);
  writeFileSync(join(directory, 'etcd'), 'one\n');
  const sums = (mode: string) =>
    execFileSync('sha256sum', [mode, 'etcd'], { cwd: directory, encoding: 'utf8' });
  const expected = new Map([
    ['etcd', '2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806'],
  ]);
  t.deepEqual(readSums(sums('--text')), expected);
  t.deepEqual(readSums(sums('--binary')), expected);
});

test('readSums() leaves out what is no checksum', (t) => {
  t.deepEqual(readSums('<html>404</html>\nabc  etcd\n\n'), new Map());
});

test('writeSums() writes what sha256sum --check accepts', (t) => {
  const directory = temporary(t);
  writeFileSync(join(directory, 'etcd'), 'one\n');
  const sum = '2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806';
  const said = execFileSync('sha256sum', ['--check'], {
    cwd: directory,
    encoding: 'utf8',
    input: writeSums(new Map([['etcd', sum]])),
  });
  t.is(said, 'etcd: OK\n');
});
