import type { Effective } from '../../etcd/effective-settings.ts';
import { canonicalValue } from '../../etcd/effective-settings.ts';
import { availabilityOf } from '../../etcd/flags.ts';
import { typeOf } from '../../etcd/flags-given.ts';
import { whyAlike } from '../../etcd/flags-member.ts';
import { RESERVED_FLAGS } from '../../etcd/flags-reserved.ts';
import { whyBadValue } from '../../etcd/flags-values.ts';
import type { Problem } from '../../problem/problem.ts';
import { byValue, note, spoken } from './note.ts';

type Value = string | number | boolean;

/** What the settings of members are in an inventory. */
export interface SettingsFound {
  readonly common: Readonly<Record<string, Value>>;
  /** What a member has otherwise, by its name. */
  readonly own: ReadonlyMap<string, Readonly<Record<string, Value>>>;
  readonly notes: readonly Problem[];
}

/** A member with what its process, or without one its files, go by. */
export interface MemberSettings {
  readonly name: string;
  readonly effective: Effective;
}

/** Values that say no more than etcd does by itself, in every version that has the flag. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  'auto-compaction-mode': ['periodic'],
  'auto-compaction-retention': ['0', '0s', '0h'],
  cors: ['*'],
  debug: ['false'],
  'election-timeout': ['1000'],
  'enable-pprof': ['false'],
  'heartbeat-interval': ['100'],
  'host-whitelist': ['*'],
  'initial-election-tick-advance': ['true'],
  'log-level': ['info'],
  'log-output': ['default'],
  'log-outputs': ['default'],
  'max-snapshots': ['5'],
  'max-wals': ['5'],
  metrics: ['basic'],
  'quota-backend-bytes': ['0'],
  'strict-reconfig-check': ['true'],
};

/** Settings that every member of an inventory has anyway, or that its other keys say. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set([
  ...['name', 'data-dir', 'wal-dir', 'listen-peer-urls', 'listen-client-urls'],
  ...['initial-advertise-peer-urls', 'advertise-client-urls', 'initial-cluster'],
  ...['initial-cluster-state', 'initial-cluster-token', 'config-file', 'version'],
  ...['cert-file', 'key-file', 'trusted-ca-file', 'client-cert-auth', 'ca-file'],
  ...['peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file', 'peer-client-cert-auth'],
  ...['peer-ca-file', 'client-cert-file', 'client-key-file', 'peer-client-cert-file'],
  ...['peer-client-key-file', 'auto-tls', 'peer-auto-tls', 'client-crl-file', 'peer-crl-file'],
  'self-signed-cert-validity',
]);

/** Of flags that say no more than that something is not used. */
const OFF: Readonly<Record<string, string>> = {
  proxy: 'off',
  'discovery-fallback': 'proxy',
  'force-new-cluster': 'false',
  'unsafe-no-fsync': 'false',
};

/** The settings of all members as an inventory has them: what all have once, what one may have otherwise at that one. */
export function settingsFound(members: readonly MemberSettings[], version: string): SettingsFound {
  const notes: Problem[] = [];
  const each = members.map(({ name, effective }) => {
    const kept = new Map<string, string>();
    for (const [flag, given] of effective.settings) {
      const value = canonicalValue(flag, given.value);
      if (SAID_ELSEWHERE.has(flag) || value === '') continue;
      if (DEFAULTS[flag]?.includes(value) || OFF[flag] === value || isUnset(flag, value)) continue;
      const why = whyLeft(flag, value, version);
      if (why === undefined) kept.set(flag, value);
      else
        notes.push(
          note('setting left out', [name], `${name}: ${flag} ${value} is left out: ${why}`, {
            severity: 'warn',
          }),
        );
    }
    return { name, kept };
  });

  const flags = [...new Set(each.flatMap(({ kept }) => [...kept.keys()]))].sort();
  const common: Record<string, Value> = {};
  const own = new Map<string, Record<string, Value>>(each.map(({ name }) => [name, {}]));
  for (const flag of flags) {
    const values = byValue(
      each,
      ({ kept }) => kept.get(flag) ?? '',
      ({ name }) => name,
    );
    const [[first] = ['']] = values;
    if (values.size === 1) common[flag] = typed(flag, first);
    else if (whyAlike(flag) === undefined)
      for (const { name, kept } of each) {
        const value = kept.get(flag);
        if (value !== undefined) own.set(name, { ...own.get(name), [flag]: typed(flag, value) });
      }
    else {
      const chosen = mostOf(values);
      if (chosen !== '') common[flag] = typed(flag, chosen);
      const takes = chosen === '' ? 'leaves it out' : `has ${chosen} for all`;
      notes.push(
        note(
          'setting differs',
          [...values.values()].flat(),
          `${flag} differs: ${spoken(values)}; it ${whyAlike(flag)}, and the inventory ${takes}`,
          { severity: 'warn' },
        ),
      );
    }
  }
  return { common, own, notes };
}

function whyLeft(flag: string, value: string, version: string): string | undefined {
  const reserved = RESERVED_FLAGS.get(flag);
  if (reserved !== undefined) return `it ${reserved}`;
  const available = availabilityOf(flag, version);
  if (available.kind !== 'available') return `etcd ${version} does not know it`;
  const bad = whyBadValue(available.type, value);
  return bad === undefined ? undefined : `it ${bad}`;
}

/** Discovery and proxy that are named without being used. */
function isUnset(flag: string, value: string): boolean {
  return value === '' || (/^(discovery|proxy)-/.test(flag) && RESERVED_FLAGS.has(flag));
}

function mostOf(values: ReadonlyMap<string, readonly string[]>): string {
  const [[value] = ['']] = [...values].toSorted(([, one], [, other]) => other.length - one.length);
  return value;
}

function typed(flag: string, value: string): Value {
  const type = typeOf(flag);
  if (type === 'boolean') return value === 'true';
  const isCount = type === 'count' || type === 'count32' || type === 'integer';
  return isCount && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
