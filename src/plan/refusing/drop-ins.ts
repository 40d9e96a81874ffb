import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { keepsTheirs } from '../../facts/adopted.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { DropIn } from '../../facts/host/launch.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers } from '../../observed/observed.ts';
import { remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import { SERVICE_DEFAULTS } from '../../systemd/service-settings.ts';
import { unifiedDiff } from '../diff.ts';
import type { Refusal } from '../plan.ts';

/** A line of a unit file that means something. */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** What a drop-in does to how etcd runs, by what is changed. */
interface Change extends Assignment {
  readonly what: string;
}

// Resources, order, texts and logs: they change neither what runs nor as whom, on what, or when it comes back.
const HARMLESS =
  /^(Description|Documentation|After|Before|Wants|WantedBy|Also|OnFailure\w*|OnSuccess\w*|(Startup|Default)?Memory(Max|High|Min|Low|SwapMax|ZSwapMax|ZSwapWriteback|Limit|Accounting|Pressure\w+|KSM)|(Startup)?(CPU|IO|BlockIO|Tasks|AllowedCPUs|AllowedMemoryNodes)\w*|IPAccounting|NUMA\w+|Nice|OOM\w+|ManagedOOM\w+|Slice|Delegate\w*|Log(Level|RateLimit|Extra|Filter|Namespace)\w*|Syslog\w+|Standard(Output|Error)|LimitCORE|RestartSec|TimeoutStopFailureMode|X-\w+)$/;

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^Exec/, 'what it runs'],
  [/^(Environment|EnvironmentFile|PassEnvironment|UnsetEnvironment)$/, 'its environment'],
  [/^(User|Group|SupplementaryGroups|DynamicUser|UMask|Ambient\w+|Capability\w+)$/, 'its account'],
  [
    /^(Restart|StartLimit|Timeout|Kill|SendSIG|FinalKill|Watchdog|Type$|RemainAfterExit|SuccessExit|Condition|Assert|Requires$|BindsTo|PartOf|Conflicts|Refuse|Upholds|RuntimeMaxSec|FailureAction|SuccessAction|JobTimeout)/,
    'how it starts and ends',
  ],
  [
    /^(WorkingDirectory|Root|Read\w+Paths|Inaccessible|Bind|TemporaryFileSystem|(State|Runtime|Logs|Cache|Configuration)Directory|Protect|Private|Mount|RequiresMountsFor|ExecPaths|NoExecPaths)/,
    'which files it sees',
  ],
];

/** Why a member's drop-ins keep up from going on: the next start would not be what the inventory says. */
export function dropInRefusals(
  { unit, service }: Pick<DesiredCluster, 'unit' | 'service'>,
  { name, unitFile }: DesiredMember,
  { launch }: MemberFacts,
): readonly Refusal[] {
  return launch.dropIns.filter(isForeign).flatMap((dropIn) => {
    const changes = changesOf(dropIn, unitFile, service);
    if (changes.length === 0) return [];
    const isAgainst = changes.some(({ key }) => isChosen(service, key));
    const kinds = [...new Set(changes.map(({ what }) => what))].join(' and ');
    const keys = [...new Set(changes.map(({ key }) => key))].join(', ');
    return [
      {
        kind: 'drop-in',
        about: [name],
        sentence: `${name}: ${dropIn.path} changes ${kinds} (${keys}), ${isAgainst ? 'which etcd.service of the inventory says otherwise' : 'which the inventory does not know of'}`,
        evidence: diffOf(unit, changes),
        next: [
          remedy`move it away on ${name}: mv ${quote(dropIn.path)} /root/ && systemctl daemon-reload; settings of etcd belong into etcd.settings of the inventory, those of its unit into etcd.service`,
        ],
      },
    ];
  });
}

/** What drop-ins set that does no harm, one line each, with the hosts that have it. */
export function dropInNotes(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly string[] {
  const notes = seenMembers(desired, facts).flatMap(({ name, desired: { unitFile }, found }) =>
    (keepsTheirs(found) ? [] : found.launch.dropIns.filter(isForeign)).flatMap((dropIn) => {
      const keys = assignments(dropIn.content).map(({ key }) => key);
      if (keys.length === 0 || changesOf(dropIn, unitFile, desired.service).length > 0) return [];
      return [{ name, text: `${dropIn.path} sets ${[...new Set(keys)].join(', ')}; it stays` }];
    }),
  );
  return [...new Set(notes.map(({ text }) => text))].map((text) => {
    const hosts = notes.filter((one) => one.text === text).map(({ name }) => name);
    return `${hosts.join(', ')}: ${text}`;
  });
}

/** What of a drop-in is not harmless and not what the unit file says anyway. */
function changesOf(
  dropIn: DropIn,
  unitFile: string,
  service: DesiredCluster['service'],
): readonly Change[] {
  const own = assignments(unitFile);
  return assignments(dropIn.content).flatMap((one) => {
    const { section, key, value } = one;
    if (section === 'Install' || (HARMLESS.test(key) && !isChosen(service, key))) return [];
    if (
      key === 'LimitNOFILE' &&
      !isChosen(service, key) &&
      (value === 'infinity' || Number.parseInt(value, 10) >= 65_536)
    )
      return [];
    const ours = own.filter((other) => other.section === section && other.key === key);
    const isSame = ours.length === 1 && ours[0]?.value === value;
    if (isSame || (ours.length === 0 && value === '')) return [];
    const what = isChosen(service, key)
      ? 'its resources'
      : (KINDS.find(([pattern]) => pattern.test(key))?.[1] ?? 'how it runs');
    return [{ ...one, what }, ...(key === 'EnvironmentFile' ? variablesIn(dropIn, section) : [])];
  });
}

/** Whether the inventory itself says something of that setting, which a drop-in would win over. */
function isChosen(service: DesiredCluster['service'], key: string): boolean {
  return service.has(key) && service.get(key) !== SERVICE_DEFAULTS.get(key);
}

function variablesIn({ environmentFiles }: DropIn, section: string): readonly Change[] {
  return environmentFiles.flatMap(({ path, content }) =>
    content.split('\n').flatMap((line) => {
      const [, key, value = ''] = /^(ETCD_\w+)\s*=(.*)/.exec(line) ?? [];
      return key === undefined
        ? []
        : [{ section, key, value: `${value} (${path})`, what: 'its environment' }];
    }),
  );
}

function diffOf(unit: string, changes: readonly Change[]): readonly string[] {
  const after = changes.map(({ key, value }) => `${key}=${value}\n`).join('');
  return unifiedDiff(`${unit}.service`, '', after).split('\n');
}

// The guard of an adopted member is a drop-in of ours.
function isForeign({ content }: DropIn): boolean {
  return !content.startsWith('# provision: ');
}

/** The assignments of a unit file, as systemd.syntax(7) has it. */
export function assignments(text: string): readonly Assignment[] {
  let section = '';
  return text
    .replaceAll(/\\\n(?:[#;].*\n)*/g, ' ')
    .split('\n')
    .flatMap((raw) => {
      const line = raw.trim();
      const [, heading] = /^\[(.*)\]$/.exec(line) ?? [];
      if (heading !== undefined) section = heading;
      const [, key, value = ''] = /^([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
      return heading !== undefined || key === undefined ? [] : [{ section, key, value }];
    });
}
