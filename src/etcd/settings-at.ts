import { availabilityOf } from './flags.ts';

type Value = string | number | boolean;

/** What a version calls settings, and which it does not have in any form. */
export interface SettingsAt {
  /** In their order. */
  readonly settings: Readonly<Record<string, Value>>;
  /** What became of each that is called otherwise there, by its former name; undefined where nothing is left of it. */
  readonly changes: ReadonlyMap<string, string | undefined>;
}

const PREFIX = 'experimental-';
const GATES = 'feature-gates';

/** Flags that are gates of `feature-gates` from 3.6 on (server/features/etcd_features.go). */
const GATE_OF: Readonly<Record<string, string>> = {
  'experimental-compact-hash-check-enabled': 'CompactHashCheck',
  'experimental-initial-corrupt-check': 'InitialCorruptCheck',
  'experimental-enable-lease-checkpoint': 'LeaseCheckpoint',
  'experimental-enable-lease-checkpoint-persist': 'LeaseCheckpointPersist',
  'experimental-stop-grpc-service-on-defrag': 'StopGRPCServiceOnDefrag',
  'experimental-txn-mode-write-with-shared-buffer': 'TxnModeWriteWithSharedBuffer',
};

/** Flags with another name and the same meaning; `true` is a value that goes with that name. */
const OTHER_FORM: readonly (readonly [flag: string, as: string, value: (value: Value) => Value])[] =
  [
    ['debug', 'log-level', (value) => (String(value) === 'true' ? 'debug' : 'info')],
    ['log-output', 'log-outputs', (value) => value],
  ];

/** The settings as a version names them: by their later names where it has both. Those it does not know are left out. */
export function settingsAt(given: Readonly<Record<string, Value>>, version: string): SettingsAt {
  const has = (flag: string) => availabilityOf(flag, version).kind === 'available';
  const settings: Record<string, Value> = {};
  const changes = new Map<string, string | undefined>();
  const gates: string[] = [];
  // What is given by its name there counts more than what is translated to it.
  const put = (flag: string, value: Value) => {
    if (!(flag in given) && !(flag in settings)) settings[flag] = value;
  };
  for (const [flag, value] of Object.entries(given)) {
    const gate = GATE_OF[flag];
    const plain = flag.startsWith(PREFIX) ? flag.slice(PREFIX.length) : undefined;
    const form = OTHER_FORM.find(([former, as]) => former === flag && has(as));
    if (gate !== undefined && has(GATES)) {
      gates.push(`${gate}=${value}`);
      changes.set(flag, GATES);
    } else if (plain !== undefined && has(plain)) {
      put(plain, value);
      changes.set(flag, plain);
    } else if (has(flag)) settings[flag] = value;
    else if (has(`${PREFIX}${flag}`)) {
      put(`${PREFIX}${flag}`, value);
      changes.set(flag, `${PREFIX}${flag}`);
    } else if (flag === GATES) {
      const flags = flagsOfGates(String(value)).filter(([one]) => has(one));
      for (const [one, on] of flags) put(one, on);
      changes.set(flag, flags.map(([one]) => one).join(', ') || undefined);
    } else if (form !== undefined) {
      const [, as, translated] = form;
      put(as, translated(value));
      changes.set(flag, as);
    } else changes.set(flag, undefined);
  }
  return { settings: withGates(settings, gates), changes };
}

function withGates(
  settings: Readonly<Record<string, Value>>,
  gates: readonly string[],
): Readonly<Record<string, Value>> {
  if (gates.length === 0) return settings;
  const before = String(settings[GATES] ?? '')
    .split(',')
    .filter(Boolean);
  const named = new Set(before.map((one) => one.split('=')[0]));
  const further = gates.filter((one) => !named.has(one.split('=')[0]));
  return { ...settings, [GATES]: [...before, ...further].join(',') };
}

function flagsOfGates(value: string): readonly (readonly [flag: string, on: boolean])[] {
  return value.split(',').flatMap((one) => {
    const [gate, on] = one.split('=');
    const found = Object.entries(GATE_OF).find(([, name]) => name === gate);
    return found === undefined ? [] : [[found[0], on === 'true'] as const];
  });
}
