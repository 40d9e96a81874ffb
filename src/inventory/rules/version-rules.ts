import {
  DEFECTS,
  defectsOf,
  minorOf,
  newestOf,
  rowOrLast,
  VERSIONS,
  versionRow,
} from '../../etcd/versions.ts';
import type { Mistake } from '../mistake.ts';
import type { Rule } from './rule.ts';

/** What holds for the etcd version alone. */
export const VERSION_RULES: readonly Rule[] = [
  {
    name: 'the version is one whose flags are known',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const range = `${VERSIONS.at(0)?.minor} to ${VERSIONS.at(-1)?.minor}`;
      return versionRow(etcd.version) !== undefined
        ? []
        : at(`etcd.version ${etcd.version} is outside ${range}, which provision knows`);
    },
  },
  {
    name: 'the version does not lose data',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      defectsOf(etcd.version).includes('divergence')
        ? at(
            `etcd.version ${etcd.version} is refused: ${DEFECTS.divergence}; use ${newestOf(minorOf(etcd.version))} or later`,
          )
        : [],
  },
  {
    name: 'the version is maintained',
    level: 'warning',
    check: ({ inventory: { etcd } }) => {
      const ended = versionRow(etcd.version)?.ended;
      return ended === undefined
        ? []
        : at(`etcd ${etcd.version} gets no fixes: ${minorOf(etcd.version)} ended in ${ended}`);
    },
  },
  {
    name: 'the version has the fixes of its series',
    level: 'warning',
    check: ({ inventory: { etcd } }) => {
      const defects = defectsOf(etcd.version).filter((id) => id !== 'divergence');
      if (defects.length === 0) return [];
      const { minor, fixedFrom } = rowOrLast(etcd.version);
      const fixed = Math.max(...defects.map((id) => fixedFrom[id] ?? 0));
      const what = defects.map((id) => DEFECTS[id]).join('; ');
      return at(`etcd ${etcd.version} is older than ${minor}.${fixed}: ${what}`);
    },
  },
];

function at(message: string): readonly Mistake[] {
  return [{ path: ['etcd', 'version'], message }];
}
