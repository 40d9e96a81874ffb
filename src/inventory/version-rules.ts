import { MINOR_VERSIONS } from '../etcd/flags.ts';
import type { Mistake } from './mistake.ts';
import type { Rule } from './rule.ts';

/** What an etcd release does that a later one of the same minor version does not: minor version → first good patch. */
interface Defect {
  readonly what: string;
  readonly mendedIn: Readonly<Record<string, number>>;
}

const LOSES_DATA: Defect = {
  what: 'members can diverge when one is killed (etcd#13766)',
  mendedIn: { '3.5': 3 },
};

const DEFECTS: readonly Defect[] = [
  {
    what: 'a defragmentation beside a snapshot from the leader can corrupt data (etcd#20653)',
    mendedIn: { '3.4': 38, '3.5': 23, '3.6': 5 },
  },
  {
    what: 'some requests pass without their permission being checked (CVE-2026-33413, CVE-2026-33343)',
    mendedIn: { '3.4': 42, '3.5': 28, '3.6': 9 },
  },
  {
    what: 'unfinished TLS handshakes can exhaust it (GHSA-6vch-q96h-7gc3)',
    mendedIn: { '3.5': 33, '3.6': 14, '3.7': 1 },
  },
  {
    what: 'a watch can show keys its user may not read (GHSA-xg4h-6gfc-h4m8)',
    mendedIn: { '3.5': 33, '3.6': 14, '3.7': 1 },
  },
];

/** etcd's own words: a minor version is maintained until the one after next appears. */
const ENDED: Readonly<Record<string, string>> = { '3.3': 'October 2021', '3.4': 'June 2026' };

/** What holds for the etcd version alone. */
export const VERSION_RULES: readonly Rule[] = [
  {
    name: 'the version is one whose flags are known',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const known = MINOR_VERSIONS.includes(minorOf(etcd.version));
      const range = `${MINOR_VERSIONS.at(0)} to ${MINOR_VERSIONS.at(-1)}`;
      return known
        ? []
        : at(`etcd.version ${etcd.version} is outside ${range}, which provision knows`);
    },
  },
  {
    name: 'the version does not lose data',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      has(LOSES_DATA, etcd.version)
        ? at(`etcd.version ${etcd.version} is refused: ${LOSES_DATA.what}; use 3.5.33 or later`)
        : [],
  },
  {
    name: 'the version is maintained',
    level: 'warning',
    check: ({ inventory: { etcd } }) => {
      const ended = ENDED[minorOf(etcd.version)];
      return ended === undefined
        ? []
        : at(`etcd ${etcd.version} gets no fixes: ${minorOf(etcd.version)} ended in ${ended}`);
    },
  },
  {
    name: 'the version has the fixes of its series',
    level: 'warning',
    check: ({ inventory: { etcd } }) => {
      const defects = DEFECTS.filter((defect) => has(defect, etcd.version));
      if (defects.length === 0) return [];
      const mended = Math.max(
        ...defects.map(({ mendedIn }) => mendedIn[minorOf(etcd.version)] ?? 0),
      );
      const what = defects.map((defect) => defect.what).join('; ');
      return at(`etcd ${etcd.version} is older than ${minorOf(etcd.version)}.${mended}: ${what}`);
    },
  },
];

function has({ mendedIn }: Defect, version: string): boolean {
  return Number(version.split('.')[2]) < (mendedIn[minorOf(version)] ?? 0);
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function at(message: string): readonly Mistake[] {
  return [{ path: ['etcd', 'version'], message }];
}
