import test from 'ava';
import { whyReserved } from '../../src/systemd/service-reserved.ts';
import {
  bytesOf,
  cpusOf,
  SERVICE_DEFAULTS,
  SERVICE_SETTINGS,
} from '../../src/systemd/service-settings.ts';

/** Of each setting what systemd 247, 252 and 257 took of `systemd-analyze verify`, and what we take of it. */
const VALUES: Readonly<Record<string, { good: readonly string[]; bad: readonly string[] }>> = {
  TimeoutStopSec: { good: ['90', '100s', '1min'], bad: ['5', '2min', '2h', 'infinity', '', '-90'] },
  LimitNOFILE: {
    good: ['65536', '1048576', 'infinity'],
    bad: ['1024', '65536:131072', '5000000000', '0'],
  },
  OOMScoreAdjust: { good: ['-1000', '0', '1000'], bad: ['1001', '-1001', '1.5'] },
  IOSchedulingClass: { good: ['best-effort', 'realtime'], bad: ['idle', '1', 'none'] },
  IOSchedulingPriority: { good: ['0', '7'], bad: ['8', '-1'] },
  Nice: { good: ['-20', '0', '19'], bad: ['20', '-21', '+5', ''] },
  CPUSchedulingPolicy: { good: ['other', 'batch'], bad: ['fifo', 'rr', 'idle', 'ext'] },
  CPUAffinity: {
    good: ['0', '0 1', '0-1,3', '0,2'],
    bad: ['a', '3-1', '9000', 'numa', '', '0,', '0;1'],
  },
  CPUWeight: { good: ['1', '10000'], bad: ['0', '10001', 'idle'] },
  CPUQuota: { good: ['10%', '200%'], bad: ['20', '0%', '150.5%', '%'] },
  MemoryMin: { good: ['0', '1G'], bad: ['50%', '1g'] },
  MemoryLow: { good: ['0', '1G'], bad: ['50%'] },
  MemoryHigh: { good: ['1T', 'infinity'], bad: ['1M', '0'] },
  MemoryMax: {
    good: ['8G', '8192M', '8589934592', 'infinity'],
    bad: ['8g', '8GB', '8Gi', '50%', '1.5G', '0', '64M', '1e+21', '999999999999999T'],
  },
  MemorySwapMax: { good: ['0', '1G', 'infinity'], bad: ['-1'] },
  IOWeight: { good: ['1', '10000'], bad: ['0', '10001'] },
  TasksMax: { good: ['512', 'infinity'], bad: ['0', '50%', '16'] },
  Slice: {
    good: ['database.slice', 'data-base.slice', 'a_b.slice', 'users.slice'],
    bad: [
      ...['-.slice', 'a--b.slice', 'database', 'user.slice', 'user-1000.slice', 'machine.slice'],
      ...['../x.slice', 'A.slice', 'a.slice\nUser=root'],
    ],
  },
};

test('SERVICE_SETTINGS: each setting is tried here', (t) => {
  t.deepEqual(Object.keys(VALUES), [...SERVICE_SETTINGS.keys()]);
});

for (const [name, { good, bad }] of Object.entries(VALUES))
  test(`SERVICE_SETTINGS: ${name} takes what systemd takes, and nothing that would harm etcd`, (t) => {
    const judge = SERVICE_SETTINGS.get(name)?.whyBad;
    t.deepEqual(
      [...good].filter((value) => judge?.(value) !== undefined),
      [],
    );
    t.deepEqual(
      [...bad].filter((value) => judge?.(value) === undefined),
      [],
    );
  });

test('SERVICE_DEFAULTS: are settings with values that may be chosen', (t) => {
  for (const [name, value] of SERVICE_DEFAULTS)
    t.is(SERVICE_SETTINGS.get(name)?.whyBad(value), undefined);
});

test('whyReserved: what would break start, end, guard or sandbox has a reason, what may be set has none', (t) => {
  const taken = [
    ...['User', 'Type', 'ExecStart', 'EnvironmentFile', 'Restart', 'RestartSec', 'KillMode'],
    ...['AssertPathExists', 'RequiresMountsFor', 'ProtectSystem', 'ReadWritePaths', 'UMask'],
    ...['LimitCORE', 'LimitAS', 'StandardOutput', 'OOMPolicy', 'Delegate', 'MemoryLimit'],
    ...['TimeoutStartSec', 'CPUSchedulingPriority', 'CapabilityBoundingSet', 'DynamicUser'],
  ];
  t.deepEqual(
    taken.filter((name) => whyReserved(name) === undefined),
    [],
  );
  t.deepEqual(
    [...SERVICE_SETTINGS.keys()].filter((name) => name !== 'LimitNOFILE' && whyReserved(name)),
    [],
  );
});

test('bytesOf: counts as systemd does, by 1024', (t) => {
  t.deepEqual(['1K', '8G', '5', 'infinity', '1g'].map(bytesOf), [
    1024,
    8 * 1024 ** 3,
    5,
    undefined,
    undefined,
  ]);
});

test('cpusOf: reads lists of the kernel and of an inventory', (t) => {
  t.deepEqual(cpusOf('0-2,6'), [0, 1, 2, 6]);
  t.deepEqual(cpusOf('0 3'), [0, 3]);
  t.deepEqual(cpusOf(''), []);
});
