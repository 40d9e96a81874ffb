import test from 'ava';
import type { ClusterFacts } from '../../src/facts/cluster.ts';
import { downRefusals } from '../../src/plan/down.ts';
import { bare, but, dataOf, emptyData, settled, wanted, written } from './facts.ts';

const three = wanted();
const matching = settled(three);
const foreignUnit = written('# provision: cluster staging, member etcd02\n[Unit]\n');

const refuses = test.macro(
  (t, facts: ClusterFacts, purge: boolean, ...sentences: readonly string[]) => {
    t.deepEqual(
      downRefusals(three, facts.members, purge).map(({ sentence }) => sentence),
      sentences,
    );
  },
);

test('downRefusals() lets the own cluster go, running or half gone', refuses, matching, true);
test('downRefusals() lets hosts go that have nothing', refuses, bare(three), true);
test(
  'downRefusals() lets a prepared, empty directory go',
  refuses,
  but(bare(three), 'etcd02', () => ({ data: emptyData })),
  true,
);

test(
  'downRefusals() leaves a unit alone that somebody else made',
  refuses,
  but(bare(three), 'etcd02', ({ unit }) => ({ unit: { ...unit, exists: true } })),
  false,
  'etcd02: etcd.service was not made by provision',
);

test(
  'downRefusals() leaves a unit of another cluster alone',
  refuses,
  but(matching, 'etcd02', () => ({ unitFile: foreignUnit })),
  false,
  'etcd02: etcd.service belongs to cluster staging',
);

const foreign = but(bare(three), 'etcd02', () => ({ data: dataOf(three, 'etcd02', 'other') }));

test('downRefusals() does not look at data that is kept', refuses, foreign, false);

test(
  'downRefusals() purges no data that is not its own',
  refuses,
  foreign,
  true,
  'etcd02: /var/lib/etcd holds 60.0 MiB of data that provision did not make (cluster id 7eaa42772fff9c79), last written 2026-11-21T11:01:00.000Z',
);

test(
  'downRefusals() purges no directory that holds something else',
  refuses,
  but(bare(three), 'etcd02', () => ({ data: { ...emptyData, entries: ['base', 'pg_wal'] } })),
  true,
  'etcd02: /var/lib/etcd is no data directory of etcd, and not empty: base, pg_wal',
);
