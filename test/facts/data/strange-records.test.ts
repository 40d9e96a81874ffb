import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { DesiredPaths } from '../../../src/desired/cluster.ts';
import { incarnationFile } from '../../../src/desired/incarnation.ts';
import { writeIntent } from '../../../src/facts/data/restore-intent.ts';
import { strangeRecordsFact } from '../../../src/facts/data/strange-records.ts';
import { askAll } from '../../../src/facts/fact.ts';
import { shelter } from '../../lock/shelter.ts';

const STRANGE: Readonly<Record<string, (path: string) => void>> = {
  'a directory': (path) => mkdirSync(path),
  'a link to /nowhere': (path) => symlinkSync('/nowhere', path),
  'a pipe': (path) => {
    execFileSync('mkfifo', [path]);
  },
  empty: (path) => writeFileSync(path, ''),
  'not such a record, or a damaged one': (path) => writeFileSync(path, '{"cluster": "prod", '),
};
const RECORDS = [
  ['restore-etcd.service.json', 'restore'],
  ['restore-prod.json', 'restore'],
  ['etcd.incarnation', 'log'],
] as const;

function records(name: string) {
  const { host, directory } = shelter(name);
  // The shell finds /var/lib/provision moved; what is read names it as it is.
  const paths = { incarnation: '/var/lib/provision/etcd.incarnation' } as DesiredPaths;
  const fact = strangeRecordsFact({ name: 'prod', unit: 'etcd', paths });
  return { directory, ask: async () => (await askAll(host, { fact })).fact };
}

for (const [file, of] of RECORDS)
  for (const [is, make] of Object.entries(STRANGE))
    test(`strangeRecordsFact: ${file} is ${is}`, async (t) => {
      const { directory, ask } = records('etcd01');
      make(join(directory, file));
      t.deepEqual(await ask(), [{ path: `/var/lib/provision/${file}`, of, is }]);
    });

test('strangeRecordsFact: what provision wrote, or nothing, is not strange', async (t) => {
  const { directory, ask } = records('etcd01');
  t.deepEqual(await ask(), []);
  const intent = writeIntent({
    ...{ cluster: 'prod', token: 'a', clusterId: 'b', snapshot: 'c', bumpRevision: 0 },
    ...{ began: '20261121T110000Z', ran: true, served: true },
  });
  writeFileSync(join(directory, 'restore-etcd.service.json'), intent);
  writeFileSync(join(directory, 'restore-prod.json'), intent);
  writeFileSync(
    join(directory, 'etcd.incarnation'),
    incarnationFile(
      { cluster: 'prod', member: 'etcd01' },
      { memberId: '1', clusterId: '2', segment: '0-0.wal', length: 5, sha256: 'ab' },
    ),
  );
  t.deepEqual(await ask(), []);
});
