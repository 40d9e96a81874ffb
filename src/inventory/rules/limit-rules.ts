import { LONGEST_HOURS, nanoseconds } from '../../etcd/flags-values.ts';
import { rowOrLast } from '../../etcd/versions.ts';
import { suggestion } from '../nearest.ts';
import type { Inventory } from '../schema.ts';
import { at, text } from './etcd-settings.ts';
import type { Rule } from './rule.ts';

type Etcd = Inventory['etcd'];

/** What each version refuses at its start although it is of the flag's type; tried with 3.3.25 to 3.7.1. */
export const LIMIT_RULES: readonly Rule[] = [
  {
    // api/v3compactor/periodic.go divides it by ten and counts in Go's time.Duration; 3.4.23 compacts before it can with 1us.
    name: 'a retention of time can be counted in nanoseconds',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const flag = 'auto-compaction-retention';
      const retention = text(etcd, flag) ?? '0';
      if (text(etcd, 'auto-compaction-mode') === 'revision') return [];
      if (/^\d+$/.test(retention))
        return Number(retention) > LONGEST_HOURS
          ? at(
              flag,
              `is in hours: at most ${LONGEST_HOURS}, not ${retention}; etcd would not start`,
            )
          : [];
      const length = nanoseconds(retention) ?? 0;
      return length > 0 && length < 1e9
        ? at(flag, `must be 0 or at least 1s, not ${retention}; etcd could end with a panic`)
        : [];
    },
  },
  {
    // The whole quota is mapped into memory; of 47 bits of addresses, 3.7.1 finds no room for 64 TiB.
    name: 'the quota fits into the address space',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const flag = 'quota-backend-bytes';
      const quota = etcd.settings[flag] ?? 0;
      // What is too large to be exact is a mistake of its own.
      if (typeof quota === 'number' && !Number.isSafeInteger(quota)) return [];
      return Number(quota) > 16 * 1024 ** 4
        ? at(
            flag,
            `is in bytes: at most 17592186044416 (16 TiB), since etcd cannot map more into memory; 8589934592 (8 GiB) is the most etcd recommends`,
          )
        : [];
    },
  },
  {
    // server/etcdserver/api/membership: "too many learner members in cluster", also where there is none.
    name: 'the number of learners is not negative',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      Number(text(etcd, 'max-learners') ?? 0) < 0
        ? at('max-learners', 'must be 0 or more; etcd would not start')
        : [],
  },
  {
    name: 'the end of the v2 store is one that the version has',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const wish = text(etcd, 'v2-deprecation');
      const known = rowOrLast(etcd.version).v2Deprecations;
      if (wish === undefined || known.length === 0) return [];
      if (!known.includes(wish))
        return at(
          'v2-deprecation',
          `must be ${known.join(' or ')} with etcd ${etcd.version}, not ${wish}; etcd would not start`,
        );
      return wish !== 'not-yet' && text(etcd, 'enable-v2') === 'true'
        ? at('enable-v2', `cannot be true with v2-deprecation ${wish}; etcd would not start`)
        : [];
    },
  },
  {
    // embed/config.go: ErrNotSupportedSampling.
    name: 'traces are sampled per million',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      ['', 'experimental-'].flatMap((prefix) => {
        const flag = `${prefix}distributed-tracing-sampling-rate`;
        const rate = Number(text(etcd, flag) ?? 0);
        return rate < 0 || rate > 1_000_000
          ? at(flag, `must be from 0 to 1000000 (samples per million), not ${rate}`)
          : [];
      }),
  },
  {
    name: 'feature gates are those of the version',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const known = rowOrLast(etcd.version).featureGates;
      if (known.length === 0) return [];
      return gatesOf(etcd).flatMap(({ name, value }) => {
        if (!known.includes(name))
          return at(
            'feature-gates',
            `names ${name}, which etcd ${etcd.version} does not have${suggestion(name, known)}`,
          );
        return /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value ?? '')
          ? []
          : at('feature-gates', `must say ${name}=true or ${name}=false`);
      });
    },
  },
  {
    // embed/config.go: "enabling feature gate LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint".
    name: 'the gate that keeps checkpoints of leases needs the one that makes them',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      isOn(etcd, 'LeaseCheckpointPersist') && !isOn(etcd, 'LeaseCheckpoint')
        ? at('feature-gates', 'LeaseCheckpointPersist needs LeaseCheckpoint=true beside it')
        : [],
  },
  {
    // embed/config.go SetFeatureGatesFromExperimentalFlags looks for the name anywhere in the value.
    name: 'what a feature gate sets is not set by its former flag too',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const gates = text(etcd, 'feature-gates') ?? '';
      return FORMER_FLAGS.flatMap(([flag, gate]) =>
        flag in etcd.settings && gates.includes(gate)
          ? at(flag, `stands beside feature-gates with ${gate}; keep the feature gate`)
          : [],
      );
    },
  },
  {
    // pkg/flags/unique_urls.go: * alone, or URLs with a port and without a path.
    name: 'origins for CORS are URLs with a port',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const origins = text(etcd, 'cors');
      if (origins === undefined || origins === '*') return [];
      const needsPort = rowOrLast(etcd.version).originsNeedPort;
      const wrong = origins
        .split(',')
        .find((one) => !URL.canParse(one) || (needsPort && !/^https?:\/\/[^/?#]+:\d+$/.test(one)));
      return wrong === undefined
        ? []
        : at(
            'cors',
            `must be * or URLs with a port and without a path, such as http://localhost:8080, not ${wrong}; etcd would not start`,
          );
    },
  },
];

const FORMER_FLAGS = [
  ['experimental-stop-grpc-service-on-defrag', 'StopGRPCServiceOnDefrag'],
  ['experimental-txn-mode-write-with-shared-buffer', 'TxnModeWriteWithSharedBuffer'],
  ['experimental-initial-corrupt-check', 'InitialCorruptCheck'],
  ['experimental-compact-hash-check-enabled', 'CompactHashCheck'],
  ['experimental-enable-lease-checkpoint', 'LeaseCheckpoint'],
  ['experimental-enable-lease-checkpoint-persist', 'LeaseCheckpointPersist'],
] as const;

interface Gate {
  readonly name: string;
  readonly value: string | undefined;
}

function gatesOf(etcd: Etcd): readonly Gate[] {
  const gates = text(etcd, 'feature-gates');
  if (gates === undefined) return [];
  return gates.split(',').map((one) => {
    const [name = '', value] = one.split(/=(.*)/);
    return { name, value };
  });
}

function isOn(etcd: Etcd, gate: string): boolean {
  const all = gatesOf(etcd).filter(({ name }) => name === gate || name === 'AllAlpha');
  const own = all.filter(({ name }) => name === gate);
  return /^(1|[tT])/.test((own.at(-1) ?? all.at(-1))?.value ?? '');
}
