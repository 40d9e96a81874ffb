import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { keepsTheirs } from '../../facts/adopted.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { readConf } from '../../plan/environment-file.ts';
import { cures } from '../cures.ts';
import type { Cause } from './cause.ts';

/** Keys of a unit file by which etcd finds what it needs, or may use it. */
const UNIT_KEYS = /^(User|Group|EnvironmentFile|ExecStart|ReadWritePaths|RequiresMountsFor)=/;
/** What depends on more than the inventory: which members there were, and lists of revoked certificates. */
const OF_THE_HOUR = /^ETCD_(INITIAL_CLUSTER(_STATE|_TOKEN)?|(CLIENT|PEER)_CRL_FILE)$/;
const SHOWN = 4;

/** What a member's files on its host say otherwise than the inventory wants it, for a sentence; undefined where nothing. */
function differingKeys(
  { paths }: Pick<DesiredCluster, 'paths'>,
  member: DesiredMember,
  { conf, unitFile }: Pick<MemberFacts, 'conf' | 'unitFile'>,
): string | undefined {
  const wanted = member.confFile({ token: '', state: 'existing' });
  const files = [
    [paths.confFile, differing(settings(conf?.content), settings(wanted))],
    [paths.unitFile, differing(directives(unitFile?.content), directives(member.unitFile))],
  ] as const;
  const said = files.flatMap(([path, keys]) =>
    keys.length === 0
      ? []
      : [
          `${path} differs in ${keys.slice(0, SHOWN).join(', ')}${keys.length > SHOWN ? ', …' : ''}`,
        ],
  );
  return said.length === 0 ? undefined : said.join(', ');
}

/** What to do by hand about a setting is moot where `up` writes that setting again. */
const OF_SETTINGS: ReadonlySet<string> = new Set(['address-not-here', 'bad-setting', 'crash']);
const OF_ACCOUNT: ReadonlySet<string> = new Set([
  'rights',
  'data-rights',
  'file-rights',
  'account-missing',
]);

/** A cause that settings or the unit may have, with what the files say otherwise than they should, which `up` corrects. */
export function withDiffering(
  cause: Cause,
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: MemberFacts,
): Cause {
  const isOfSettings = OF_SETTINGS.has(cause.kind);
  if (!isOfSettings && !OF_ACCOUNT.has(cause.kind)) return cause;
  // Where its layout is kept, up writes none of them.
  const keys = keepsTheirs(facts) ? undefined : differingKeys(cluster, member, facts);
  if (keys === undefined) return cause;
  const up = cures.up(member.name, `writes the file again as the inventory has it (${keys})`);
  return {
    ...cause,
    evidence: [...cause.evidence, keys],
    next: [up, ...(isOfSettings ? [] : cause.next)],
  };
}

function differing(
  there: ReadonlyMap<string, string> | undefined,
  wanted: ReadonlyMap<string, string> | undefined,
): readonly string[] {
  if (there === undefined || wanted === undefined) return [];
  const keys = new Set([...there.keys(), ...wanted.keys()]);
  return [...keys].filter((key) => there.get(key) !== wanted.get(key));
}

function settings(content: string | undefined): ReadonlyMap<string, string> | undefined {
  const values = readConf(content)?.values;
  return values && new Map([...values].filter(([key]) => !OF_THE_HOUR.test(key)));
}

function directives(content: string | undefined): ReadonlyMap<string, string> | undefined {
  const lines = content?.split('\n').filter((line) => UNIT_KEYS.test(line));
  return lines && new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line] as const));
}
