import { nanoseconds } from '../../etcd/flags-values.ts';
import type { Inventory } from '../schema.ts';
import { at, text } from './etcd-settings.ts';
import type { Rule } from './rule.ts';

type Etcd = Inventory['etcd'];

/** What holds between settings, or between a setting and the rest. */
export const TUNING_RULES: readonly Rule[] = [
  {
    // embed/config.go Validate, all versions; etcd's own defaults are 100 ms and 1000 ms.
    name: 'an election takes at least five heartbeats',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const heartbeat = number(etcd, 'heartbeat-interval') ?? 100;
      const election = number(etcd, 'election-timeout') ?? 1000;
      const flag = 'election-timeout' in etcd.settings ? 'election-timeout' : 'heartbeat-interval';
      if (heartbeat === 0) return at('heartbeat-interval', 'must be at least 1 ms');
      if (election < 5 * heartbeat) {
        return at(
          flag,
          `election-timeout ${election} ms is under 5 × heartbeat-interval ${heartbeat} ms; etcd would not start`,
        );
      }
      return election > 50_000
        ? at(flag, `election-timeout ${election} ms is over 50000 ms; etcd would not start`)
        : [];
    },
  },
  {
    name: 'a retention of revisions is a count',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      text(etcd, 'auto-compaction-mode') === 'revision' &&
      !/^\d+$/.test(text(etcd, 'auto-compaction-retention') ?? '0')
        ? at(
            'auto-compaction-retention',
            'must be a whole number with auto-compaction-mode revision',
          )
        : [],
  },
  {
    // embed/config.go: "setting experimental-enable-lease-checkpoint-persist requires experimental-enable-lease-checkpoint".
    name: 'checkpoints of leases are made where they are kept',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      text(etcd, 'experimental-enable-lease-checkpoint-persist') === 'true' &&
      text(etcd, 'experimental-enable-lease-checkpoint') !== 'true'
        ? at(
            'experimental-enable-lease-checkpoint-persist',
            'needs experimental-enable-lease-checkpoint: true; etcd would not start',
          )
        : [],
  },
  {
    // embed/config.go: "--experimental-compact-hash-check-time must be >0", its name without the prefix from 3.6 on.
    name: 'hashes are compared at intervals',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      ['experimental-compact-hash-check-time', 'compact-hash-check-time'].flatMap((flag) =>
        nanoseconds(text(etcd, flag) ?? '') === 0
          ? at(flag, 'must be more than 0; etcd would not start')
          : [],
      ),
  },
  {
    // etcdserver/v3_server.go and api/v3rpc/key.go measure every write; clients get "etcdserver: request is too large" and
    // "too many operations in txn request".
    name: 'requests have space',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const bytes = number(etcd, 'max-request-bytes');
      return [
        ...(bytes !== undefined && bytes < 65_536
          ? at(
              'max-request-bytes',
              `is in bytes: with ${bytes} etcd refuses what clients write; without it 1572864 count`,
            )
          : []),
        // api/v3rpc/grpc.go adds room for the rest of a message, 512 KiB, in a signed number.
        ...(bytes !== undefined && bytes > 2 ** 62
          ? at('max-request-bytes', `${bytes} is so large that etcd refuses every request`)
          : []),
        ...(number(etcd, 'max-txn-ops') === 0
          ? at('max-txn-ops', '0 has etcd refuse every transaction; without it 128 count')
          : []),
      ];
    },
  },
  {
    // etcd's own advice, op-guide "System limits": 8 GiB is the suggested maximum.
    name: 'the quota is at most 8 GiB',
    level: 'warning',
    check: ({ inventory: { etcd } }) =>
      (number(etcd, 'quota-backend-bytes') ?? 0) > 8 * 1024 ** 3
        ? at('quota-backend-bytes', 'is over 8 GiB, the most etcd is recommended to hold')
        : [],
  },
  {
    name: 'etcd guards its own membership',
    level: 'warning',
    check: ({ inventory: { etcd } }) =>
      text(etcd, 'strict-reconfig-check') === 'false'
        ? at('strict-reconfig-check', 'false lets a membership change take the quorum away')
        : [],
  },
];

function number(etcd: Etcd, flag: string): number | undefined {
  const value = Number(text(etcd, flag));
  return Number.isNaN(value) ? undefined : value;
}
