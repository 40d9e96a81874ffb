import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { incarnationFile } from '../../../src/desired/incarnation.ts';
import { incarnationFact } from '../../../src/facts/data/incarnation.ts';
import { askAll } from '../../../src/facts/fact.ts';
import { localHost } from '../../host/local-host.ts';

const SEGMENT = '0000000000000000-0000000000000000.wal';
const BEGINNING = Buffer.alloc(64, 'log');
const sha256 = createHash('sha256').update(BEGINNING).digest('hex');
const RECORD = {
  memberId: '8e9e05c5',
  clusterId: 'cdf81881',
  segment: SEGMENT,
  length: 64,
  sha256,
};

test('incarnationFact() holds the recorded log against the one that is there', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-log-'));
  t.teardown(() => rm(place, { recursive: true }));
  const incarnation = join(place, 'etcd.incarnation');
  const ask = async () => {
    const fact = incarnationFact({ wal: place, incarnation });
    return (await askAll(localHost('here'), { found: fact })).found;
  };
  t.is(await ask(), undefined);
  await writeFile(incarnation, incarnationFile({ cluster: 'prod', member: 'etcd01' }, RECORD));
  t.deepEqual(await ask(), { record: RECORD, earliest: undefined, sha256: undefined });
  await writeFile(join(place, SEGMENT), Buffer.concat([BEGINNING, Buffer.from('later')]));
  t.deepEqual(await ask(), { record: RECORD, earliest: SEGMENT, sha256 });
  await writeFile(join(place, SEGMENT), Buffer.alloc(80, 'other'));
  t.deepEqual(await ask(), {
    ...{ record: RECORD, earliest: SEGMENT, isDamaged: true },
    sha256: createHash('sha256').update(Buffer.alloc(64, 'other')).digest('hex'),
  });
  await writeFile(incarnation, 'segment=../../etc/passwd.wal\nlength=64\n');
  t.is(await ask(), undefined);
});
