import type { DesiredCluster } from '../../desired/cluster.ts';
import type { BootFact } from '../../facts/host/boot.ts';
import { observed, type SeenMember } from '../../observed/observed.ts';
import { groupedBy } from '../../problem/grouped.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import { costsQuorum } from '../absence/away.ts';
import { untouchable } from '../maintaining/maintenance-refusals.ts';
import { tenantsOf } from '../ownership/tenants.ts';
import type { Refusal } from '../plan.ts';
import { notAnsweringRefusals, writesStopWith } from '../policy.ts';
import { remedies } from '../refusing/remedies.ts';
import type { Bootable, RebootOptions } from './bootable.ts';

/** Why these hosts must not be rebooted one after another. */
export function rebootRefusals(
  desired: DesiredCluster,
  { facts, boots }: Bootable,
  due: readonly SeenMember[],
  { here, allowDowntime, away = [] }: Pick<RebootOptions, 'here' | 'allowDowntime' | 'away'>,
): readonly Refusal[] {
  const first = untouchable(desired, facts);
  if (first.length > 0) return first;
  const names = due.map(({ name }) => name);
  return [
    ...(away.length > 0
      ? beside(desired, facts, names, away)
      : [...sick(desired, facts, names), ...downtime(desired, facts, names, allowDowntime)]),
    ...due.filter(({ name }) => here !== undefined && boots.get(name)?.bootId === here).map(itself),
    ...shared(desired, boots, names),
    ...due.flatMap(({ name, found }) => neighbours(desired, name, found)),
    ...due.filter(({ found }) => !found.unit.enabled).map(({ name }) => notEnabled(desired, name)),
    ...names.flatMap((name) => {
      const closed = boots.get(name)?.closedLogin;
      return closed === undefined ? [] : [closedLogin(name, closed)];
    }),
    ...names.flatMap((name) =>
      (boots.get(name)?.fleeting ?? []).map((one) => fleeting(desired, name, one)),
    ),
  ];
}

/** Beside members that are away the quorum must stand without one more, for minutes: no option accepts less. */
function beside(
  desired: DesiredCluster,
  facts: Bootable['facts'],
  names: readonly string[],
  away: readonly string[],
): readonly Refusal[] {
  const gone = away.join(', ');
  const others = notAnsweringRefusals(desired, facts, 'a reboot beside members that are away', [
    remedies.doctor(),
  ]).filter(({ about }) => !about.every((name) => away.includes(name)));
  const cost = costsQuorum(desired, facts, away);
  if (cost === undefined) return others;
  return [
    ...others,
    {
      kind: 'quorum-at-risk',
      about: names,
      sentence: `${names.join(', ')}: cannot be rebooted without ${gone}: ${cost}`,
      next: [
        remedy`bring ${gone} back first: ${provision('doctor', INVENTORY)} says why it is away`,
      ],
    },
  ];
}

/** One that alone does not answer may be what is rebooted: it is first, and all must answer behind it. */
function sick(
  desired: DesiredCluster,
  facts: Bootable['facts'],
  names: readonly string[],
): readonly Refusal[] {
  const { notAnswering } = observed(desired, facts);
  const [only, ...others] = notAnswering;
  if (only !== undefined && others.length === 0 && names.includes(only.name)) return [];
  return notAnsweringRefusals(desired, facts, 'a rolling reboot', [
    remedies.doctor(),
    ...(others.length > 0 || only === undefined
      ? []
      : [
          remedy`if a reboot of ${only.name} is to cure it: ${provision('reboot', INVENTORY, only.name)}`,
        ]),
  ]);
}

function itself({ name }: SeenMember): Refusal {
  return {
    kind: 'own-machine',
    about: [name],
    sentence: `${name}: is the machine that this command runs on, and would end it in the middle`,
    next: [
      remedy`run it from another machine, or name the other members and reboot this one by hand`,
    ],
  };
}

function shared(
  { members }: DesiredCluster,
  boots: Bootable['boots'],
  names: readonly string[],
): readonly Refusal[] {
  const machines = groupedBy(members, ({ name }) => boots.get(name)?.bootId);
  return [...machines].flatMap(([id, holders]) => {
    const all = holders.map(({ name }) => name);
    if (id === undefined || id === '' || all.length < 2) return [];
    if (!all.some((name) => names.includes(name))) return [];
    return [
      {
        kind: 'shared-machine',
        about: all,
        sentence: `${all.join(', ')}: are on one machine, and a reboot would stop them together`,
        next: [
          remedy`put them on machines of their own: ${provision('member', 'list', INVENTORY)} shows what the quorum can spare`,
        ],
      },
    ];
  });
}

/** Of another cluster's member nobody here knows whether it can be spared. */
function neighbours(
  { unit }: DesiredCluster,
  name: string,
  { tenants, unit: own }: SeenMember['found'],
): readonly Refusal[] {
  const others = tenantsOf(tenants).filter(
    (one) => one.unit !== `${unit}.service` && one.pid > 0 && one.pid !== own.pid,
  );
  if (others.length === 0) return [];
  const told = others.map(({ unit: service, pid, header }) => {
    const where = service ?? `process ${pid}`;
    return header === undefined ? where : `${where} of ${header.cluster}`;
  });
  return [
    {
      kind: 'other-cluster',
      about: [name],
      sentence: `${name}: ${told.join(', ')} runs etcd there too, and a reboot would stop it without anybody counting its quorum`,
      next: [
        remedy`see by its own inventory that it can be spared, and reboot ${name} by hand; then the others: name them behind the inventory`,
      ],
    },
  ];
}

function notEnabled({ unit }: DesiredCluster, name: string): Refusal {
  return {
    kind: 'not-enabled',
    about: [name],
    sentence: `${name}: ${unit}.service is not enabled, so it would not start after a reboot`,
    next: [remedy`enable it first: ${provision('up', INVENTORY)}`],
  };
}

/** Nobody would come in any more, this run neither. */
function closedLogin(name: string, { unit, state }: NonNullable<BootFact['closedLogin']>): Refusal {
  const enable = `systemctl enable ${unit}`;
  const how: Readonly<Record<string, string>> = {
    masked: `systemctl unmask ${unit} && ${enable}`,
    static: `systemctl add-wants multi-user.target ${unit}`,
  };
  return {
    kind: 'login-not-enabled',
    about: [name],
    sentence: `${name}: ${unit}, through which this run logs in, would not start at boot (${state}), so nobody could log in after a reboot`,
    next: [remedy`have it start at boot: ${how[state] ?? enable} on ${name}`],
  };
}

type Fleeting = BootFact['fleeting'][number];

function fleeting(
  { unit, paths }: DesiredCluster,
  name: string,
  { target, why }: { readonly target: string; readonly why: Fleeting['why'] },
): Refusal {
  const below = [paths.data, paths.wal].find((path) => path.startsWith(target)) ?? paths.data;
  if (why === 'zfs')
    return {
      kind: 'mounted-by-hand',
      about: [name],
      sentence: `${name}: ${target}, which holds ${below}, is a ZFS dataset that nothing mounts at boot: zfs-mount.service is not enabled, and no mount unit is there`,
      next: [
        remedy`have it mounted at boot: systemctl enable zfs-import-cache zfs-import.target zfs-mount zfs.target on ${name}`,
      ],
    };
  return why === 'tmpfs'
    ? {
        kind: 'data-in-memory',
        about: [name],
        sentence: `${name}: ${below} is in memory (${target} is a tmpfs), so a reboot would end its data`,
        next: [
          remedy`give it a disk while all others answer: systemctl stop ${unit} on ${name}, and mount the disk at ${quote(target)} there; then: ${provision('member', 'replace', INVENTORY, name)}`,
        ],
      }
    : {
        kind: 'mounted-by-hand',
        about: [name],
        sentence: `${name}: ${target}, which holds ${below}, was mounted by hand: neither /etc/fstab nor a mount unit would mount it again`,
        next: [
          remedy`put ${quote(target)} into /etc/fstab on ${name}, and there: systemctl daemon-reload; where a service or a script of yours mounts it, give it a mount unit there: systemctl edit --full --force "$(systemd-escape -p --suffix=mount ${quote(target)})"`,
        ],
      };
}

function downtime(
  desired: DesiredCluster,
  facts: Bootable['facts'],
  names: readonly string[],
  allowed: boolean,
): readonly Refusal[] {
  const few = allowed ? undefined : writesStopWith(desired, facts);
  if (few === undefined) return [];
  const alone = desired.members.length === 1;
  return [
    {
      kind: 'downtime',
      about: names,
      sentence: `${desired.name}: ${few} ${alone ? 'nobody is served' : 'no writes are taken'} from the moment ${names.join(', ')} goes down until its host is back: minutes, not seconds`,
      next: [remedy`accept that the cluster stops meanwhile: add --allow-downtime`],
    },
  ];
}
