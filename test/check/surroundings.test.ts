import { existsSync } from 'node:fs';
import test from 'ava';
import { askClock } from '../../src/check/clock.ts';
import { surroundingsTable } from '../../src/check/surroundings.ts';
import { askAll } from '../../src/facts/fact.ts';
import { describeSkew } from '../../src/facts/host/skew.ts';
import { localHost } from '../host/local-host.ts';
import { wanted } from '../plan/facts.ts';

test('surroundingsTable() asks what a real machine can answer', async (t) => {
  const table = surroundingsTable(wanted(), ['localhost', 'no-such-name.invalid']);
  const found = await askAll(localHost('etcd01'), table);
  t.regex(found.kernel, /^\d+\.\d+/);
  t.true(found.files.perProcess > 0 && found.files.most >= found.files.open);
  t.true(found.data.freeBytes > 0 && existsSync(found.data.directory));
  t.true(found.data.options.length > 0 && found.data.type !== 'unknown');
  t.true(found.names.get('localhost')?.some((address) => ['127.0.0.1', '::1'].includes(address)));
  t.deepEqual(found.names.get('no-such-name.invalid'), []);
});

test('askClock() finds this machine as late as itself', async (t) => {
  const { ahead, doubt } = await askClock(localHost('etcd01'));
  t.true(Math.abs(ahead) <= doubt + 0.001, `${ahead} ± ${doubt}`);
});

test('describeSkew() says how far and which way', (t) => {
  t.deepEqual([0.25, -45, 300, -7200, -172_800].map(describeSkew), [
    '0.3 s ahead of',
    '45.0 s behind',
    '5 min ahead of',
    '2 h behind',
    '2 days behind',
  ]);
});
