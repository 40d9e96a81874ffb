import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { scratch } from '../pki/workshop.ts';
import { provision } from './run-cli.ts';

const INVENTORY = `cluster: prod
etcd: {version: 3.5.30}
members: [{name: etcd01, address: 198.18.0.1}]
`;

for (const words of ['--from no.db -y', '--from-member etcd01 --yes', '--undo -y'])
  test(`provision restore ${words}: says what does agree, before a file or a host is looked at`, async (t) => {
    const directory = await scratch(t);
    await writeFile(join(directory, 'prod.yaml'), INVENTORY);
    const ended = await provision(directory, ['restore', 'prod.yaml', ...words.split(' ')]);
    t.is(ended.exitCode, 2);
    t.is(ended.stdout, '');
    t.is(
      ended.stderr.replace(/^ {2}log: .*\n/m, ''),
      'error: --yes does not agree to a restore: it replaces the data of prod\n' +
        '  next: leave --yes out and type the phrase it asks for; or, where nobody can type it, add --yes-restore prod\n',
    );
  });
