import test from 'ava';
import { settingsFound } from '../../../src/adopt/decide/settings.ts';
import { effectiveSettings } from '../../../src/etcd/effective-settings.ts';

const member = (name: string, ...args: readonly string[]) => ({
  name,
  effective: effectiveSettings({ args, environment: new Map() }, '3.5.16'),
});

test('settingsFound() has what all have once, and what one may have otherwise at that one', (t) => {
  const { common, own, notes } = settingsFound(
    [
      member('a', '--election-timeout=5000', '--listen-metrics-urls=http://10.0.0.1:2381'),
      member('b', '--election-timeout=5000', '--listen-metrics-urls=http://10.0.0.2:2381'),
    ],
    '3.5.16',
  );
  t.deepEqual(common, { 'election-timeout': 5000 });
  t.deepEqual(Object.fromEntries(own), {
    a: { 'listen-metrics-urls': 'http://10.0.0.1:2381' },
    b: { 'listen-metrics-urls': 'http://10.0.0.2:2381' },
  });
  t.deepEqual(notes, []);
});

test('settingsFound() leaves out what says no more than the default, and what other keys say', (t) => {
  const args = [
    ...[
      '--name=a',
      '--data-dir=/x',
      '--quota-backend-bytes=0',
      '--discovery-srv=',
      '--metrics=basic',
    ],
    ...['--auto-compaction-retention=0', '--enable-v2', '--peer-client-cert-auth=True'],
    ...['--proxy=off', '--experimental-initial-corrupt-check=True', '--heartbeat-interval=100'],
  ];
  const { common, notes } = settingsFound([member('a', ...args)], '3.5.16');
  t.deepEqual(common, { 'enable-v2': true, 'experimental-initial-corrupt-check': true });
  t.deepEqual(notes, []);
});

test('settingsFound() says of a setting that must be alike which value it takes', (t) => {
  const { common, notes } = settingsFound(
    [
      member('a', '--election-timeout=5000'),
      member('b', '--election-timeout=5000'),
      member('c', '--election-timeout=2500'),
    ],
    '3.5.16',
  );
  t.deepEqual(common, { 'election-timeout': 5000 });
  t.deepEqual(
    notes.map(({ kind, about, sentence }) => [kind, about, sentence]),
    [
      [
        'setting differs',
        ['a', 'b', 'c'],
        'election-timeout differs: 5000 on a, b; 2500 on c; it decides elections, which go wrong where members differ, and the inventory has 5000 for all',
      ],
    ],
  );
});

test('settingsFound() names what an inventory does not allow, and why', (t) => {
  const { common, notes } = settingsFound(
    [member('a', '--unsafe-no-fsync', '--max-wals=x')],
    '3.5.16',
  );
  t.deepEqual(common, {});
  t.deepEqual(
    notes.map(({ sentence }) => sentence),
    [
      'a: unsafe-no-fsync true is left out: it loses acknowledged writes at a power cut',
      'a: max-wals x is left out: it must be a whole number, 0 or more',
    ],
  );
});
