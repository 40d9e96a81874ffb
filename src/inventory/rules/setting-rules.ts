import { availabilityOf, flagsOf, otherNameOf } from '../../etcd/flags.ts';
import { RESERVED_FLAGS } from '../../etcd/flags-reserved.ts';
import { whyBadValue } from '../../etcd/flags-values.ts';
import { type Mistake, mistakeAt, shown } from '../mistake.ts';
import { suggestion } from '../nearest.ts';
import type { Inventory } from '../schema.ts';
import type { Rule, Subject } from './rule.ts';

type Etcd = Inventory['etcd'];

/** What holds for etcd.settings, the flags passed through to etcd. */
export const SETTING_RULES: readonly Rule[] = [
  {
    name: 'settings are not those that provision decides',
    level: 'error',
    check: eachSetting((flag) => {
      const reason = RESERVED_FLAGS.get(flag);
      return reason === undefined ? [] : [`cannot be set: ${flag} ${reason}`];
    }),
  },
  {
    name: 'settings are flags of this version',
    level: 'error',
    check: eachSetting((flag, _, { version }) =>
      RESERVED_FLAGS.has(flag) ? [] : absent(flag, version),
    ),
  },
  {
    // A number beyond 2^53 was already rounded when it was read.
    name: 'settings have values of their type',
    level: 'error',
    check: eachSetting((flag, value, { version }) => {
      if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
        return [`${value} is too large to be exact as a number; quote it`];
      }
      const found = availabilityOf(flag, version);
      if (found.kind !== 'available' || RESERVED_FLAGS.has(flag)) return [];
      const why = whyBadValue(found.type, String(value));
      return why === undefined ? [] : [`${why}, not ${shown(value)}`];
    }, 'value'),
  },
  {
    // etcd 3.6 refuses both at once (embed/config.go), and says so only in its log.
    name: 'settings name no flag by both its names',
    level: 'error',
    check: eachSetting((flag, _, { settings }) => {
      const prefix = 'experimental-';
      const plain = flag.startsWith(prefix) ? flag.slice(prefix.length) : undefined;
      return plain !== undefined && plain in settings ? [`stands beside ${plain}; keep one`] : [];
    }),
  },
];

type Check = (subject: Subject) => readonly Mistake[];

function eachSetting(
  complaints: (flag: string, value: Etcd['settings'][string], etcd: Etcd) => readonly string[],
  where: 'key' | 'value' = 'key',
): Check {
  return ({ inventory: { etcd } }) =>
    Object.entries(etcd.settings).flatMap(([flag, value]) =>
      complaints(flag, value, etcd).map((complaint) => {
        return mistakeAt(['etcd', 'settings', flag], complaint, where === 'key');
      }),
    );
}

function absent(flag: string, version: string): readonly string[] {
  const found = availabilityOf(flag, version);
  const other = otherNameOf(flag, version);
  const instead = other === undefined ? '' : `; there it is ${other}`;
  switch (found.kind) {
    case 'available':
      return [];
    case 'since':
      return [`is not a flag of etcd ${version}: it came with ${found.version}${instead}`];
    case 'removed':
      return [`is not a flag of etcd ${version}: it was removed in ${found.version}${instead}`];
    case 'unknown':
      return [`is not a flag of etcd${suggestion(asFlag(flag), flagsOf(version))}`];
  }
}

// Flags are often copied from a command line or an environment file.
function asFlag(text: string): string {
  return text
    .replace(/^--/, '')
    .replace(/^ETCD_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}
