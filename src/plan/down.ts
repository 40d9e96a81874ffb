import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { readHeader } from '../desired/header.ts';
import { clusterKeysDirectory, KEYS_DIRECTORY } from '../desired/host-keys.ts';
import { maintenancePlaces } from '../desired/maintenance-schedule.ts';
import { formerIntentPath, intentPath, stagingOf } from '../desired/restoring.ts';
import { schedulePlaces } from '../desired/schedule.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { seenMembers } from '../observed/observed.ts';
import { INVENTORY, remedy } from '../problem/remedy.ts';
import { type HostLane, onHost } from './lane.ts';
import { formerOf } from './left-by-moves.ts';
import { planOf, refusedPlan } from './make-plan.ts';
import { wholeClusterIsNamed } from './membership/membership-refusals.ts';
import { collisions } from './ownership/collisions.ts';
import { foreignData } from './ownership/foreign-data.ts';
import type { HostPurge } from './ownership/host-purge.ts';
import { changedOnHosts } from './ownership/misdescribed.ts';
import { describeTenant, mistakenMembers, relation } from './ownership/owners.ts';
import { usersOf } from './ownership/program-users.ts';
import { setUpOf } from './ownership/set-up.ts';
import { setUpElsewhere } from './ownership/set-up-elsewhere.ts';
import { strangeRecords } from './ownership/strange-records.ts';
import { type Tenant, tenantsOf } from './ownership/tenants.ts';
import { nameIn } from './path.ts';
import type { Plan, Refusal } from './plan.ts';
import type { HostStep } from './step.ts';
import { when } from './step-words.ts';
import { stopping } from './together.ts';

const ASKED = 'down was asked for';

/**
 * Decides what down does: no member runs any more, none starts at boot, and with `purge` what is the cluster's own goes. Hosts
 * are independent of each other, since nobody is served afterwards.
 */
export function planDown(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  purge: boolean,
): Plan {
  const refusals = downRefusals(cluster, facts, purge);
  if (refusals.length > 0) return refusedPlan(cluster, refusals);
  const lanes = seenMembers(cluster, facts).map(({ name, desired, found }): HostLane => {
    const steps: readonly HostStep[] = [
      { kind: 'disable-unit', unit: cluster.unit, because: ASKED },
      ...when(purge, {
        kind: 'purge',
        purge: planPurge(cluster, desired, found),
        because: 'a purge was asked for',
      }),
    ];
    return onHost(name, steps);
  });
  const title = purge ? 'stop, disable and purge' : 'stop and disable';
  return planOf(cluster, stopping(title, lanes), { stopsAll: true });
}

/**
 * Why nothing may be stopped, or with `purge` nothing be removed: something on a host is not this cluster's, or not what the
 * inventory describes, or the inventory leaves members out.
 */
export function downRefusals(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  purge: boolean,
): readonly Refusal[] {
  const elsewhere = setUpElsewhere(cluster, facts);
  if (elsewhere.length > 0) return elsewhere;
  const ours = seenMembers(cluster, facts).flatMap(({ desired, found }) => {
    const own = ownUnit(cluster, desired, found);
    const unit = foreignUnit(cluster, desired, found, own);
    // The rest was looked at beside a unit that is not its own.
    if (unit.length > 0 && own !== undefined) return unit;
    const shared = purge ? sharedData(cluster, desired, found) : [];
    return [
      ...unit,
      ...shared,
      // Whose it is has been said.
      ...(purge && shared.length === 0 ? foreignData(cluster, { desired, found }) : []),
    ];
  });
  if (ours.length > 0) return ours;
  const records = purge ? strangeRecords(cluster, facts) : [];
  if (records.length > 0) return records;
  const strange = [...mistakenMembers(cluster, facts), ...changedOnHosts(cluster, facts)];
  return strange.length > 0 ? strange : wholeClusterIsNamed(cluster, facts);
}

/** Decides what of a member goes when its cluster is purged; what the units of others use stays. */
export function planPurge(
  cluster: DesiredCluster,
  member: DesiredMember,
  found: MemberFacts,
): HostPurge {
  const { paths } = cluster;
  const timers = [schedulePlaces(cluster), maintenancePlaces(cluster)];
  const others = tenantsOf(found.tenants).filter((one) => isOther(cluster, member, one));
  const isOurs = (path: string) => {
    const place = found.places.get(path);
    return (
      place?.kind !== 'file' || place.header === undefined || place.header.cluster === cluster.name
    );
  };
  const confUsers = others.flatMap((one) =>
    collisions(cluster, member, one, { found, binaries: [] }).some(
      ({ key }) => key === 'etcd.paths.conf',
    )
      ? [describeTenant(one)]
      : [],
  );
  const scheduled = timers.flatMap(({ script, serviceFile, timerFile }) =>
    [script, serviceFile, timerFile].filter(isOurs),
  );
  const isConfKept = confUsers.length > 0 || !isOurs(paths.confFile);
  const conf = found.places.get(paths.confFile);
  const confOwner = `cluster ${conf?.kind === 'file' ? conf.header?.cluster : ''}`;
  const programs = programsLeft(cluster, found);
  return {
    ...{ cluster: cluster.name, bin: paths.bin },
    timers: timers.flatMap(({ timer, timerFile }) => (isOurs(timerFile) ? [timer] : [])),
    remove: [
      ...scheduled,
      paths.data,
      // Of a restore that was begun, so that the next cluster does not find it.
      stagingOf(paths.data, false),
      ...(paths.walHome === undefined ? [] : [paths.walHome, stagingOf(paths.walHome, false)]),
      ...(formerOf(cluster, found)?.paths ?? []),
      intentPath(cluster),
      ...[paths.incarnation].filter(isOurs),
      ...(isConfKept ? [] : [paths.confFile]),
      paths.unitFile,
      ...goingByName(cluster, member, others),
    ],
    pki: isConfKept ? undefined : paths.pki,
    ...programs,
    ifEmpty: [
      ...(isConfKept ? [] : [paths.conf]),
      KEYS_DIRECTORY,
      ...(paths.current === paths.binaries ? [] : [paths.bin]),
    ],
    kept: [
      ...(isConfKept
        ? [{ path: paths.conf, users: confUsers.length > 0 ? confUsers : [confOwner] }]
        : []),
      ...programs.kept,
    ],
  };
}

/** What carries the cluster's name alone, less what another cluster of this name may have on the host. */
function goingByName(
  cluster: DesiredCluster,
  member: DesiredMember,
  others: readonly Tenant[],
): readonly string[] {
  const namesakes = others.filter(({ header }) => header?.cluster === cluster.name);
  if (namesakes.length === 0)
    return [formerIntentPath(cluster), clusterKeysDirectory(cluster.name)];
  return namesakes.some(({ header }) => header?.member === member.name)
    ? []
    : [member.keys.directory];
}

function programsLeft(
  cluster: DesiredCluster,
  { tenants }: MemberFacts,
): Pick<HostPurge, 'programs' | 'ownLinks' | 'kept'> {
  const { paths, unit } = cluster;
  if (paths.current === paths.binaries) return { programs: [], ownLinks: [], kept: [] };
  const timers = [schedulePlaces(cluster), maintenancePlaces(cluster)];
  const own = [`${unit}.service`, ...timers.flatMap(({ service, script }) => [service, script])];
  const candidates = [paths.current, paths.formerLink, paths.binaries].map((path) => ({
    path,
    users: usersOf(path, tenants, paths.bin, (who) => own.includes(who)),
  }));
  return {
    programs: candidates.flatMap(({ path, users }) => (users.length === 0 ? [path] : [])),
    ownLinks: candidates.flatMap(({ path, users }) =>
      users.length === 0 && path !== paths.binaries ? [path] : [],
    ),
    kept: candidates.filter(
      ({ path, users }) =>
        users.length > 0 && (path === paths.binaries || tenants.links.has(nameIn(path))),
    ),
  };
}

function isOther(cluster: DesiredCluster, member: DesiredMember, tenant: Tenant): boolean {
  const what = relation(cluster, member, tenant);
  return what === 'other' || what === 'namesake';
}

function sharedData(
  cluster: DesiredCluster,
  member: DesiredMember,
  found: MemberFacts,
): readonly Refusal[] {
  const own = setUpOf(cluster, found)?.data;
  const right =
    own === undefined || own === cluster.paths.data ? '' : `: ${cluster.name} has ${own}`;
  return tenantsOf(found.tenants)
    .filter((one) => isOther(cluster, member, one))
    .flatMap((one) => {
      const shared = collisions(cluster, member, one, { found, binaries: [] }).filter(
        ({ key }) => key === 'etcd.paths.data' || key === cluster.paths.walKey,
      );
      return shared.map((data) => ({
        kind: 'shared-data',
        about: [member.name],
        sentence: `${member.name}: ${data.what} belongs to ${describeTenant(one)}`,
        next: [
          remedy`correct ${data.key} in ${INVENTORY}${data.key === 'etcd.paths.data' ? right : ''}`,
        ],
      }));
    });
}

/** The unit, another than the inventory's, that runs this very member on its host, or would. */
function ownUnit(
  cluster: DesiredCluster,
  member: DesiredMember,
  { tenants }: MemberFacts,
): string | undefined {
  const own = tenantsOf(tenants).find((one) => relation(cluster, member, one) === 'moved');
  return own?.unit?.replace(/\.service$/, '');
}

function foreignUnit(
  { name, unit, paths }: DesiredCluster,
  member: DesiredMember,
  { unit: found, unitFile, tenants }: MemberFacts,
  own: string | undefined,
): readonly Refusal[] {
  const header = readHeader(unitFile?.content);
  const tenant = tenantsOf(tenants).find((one) => one.unit === `${unit}.service`);
  const isNamesake =
    header !== undefined &&
    header.cluster === name &&
    tenant !== undefined &&
    relation({ name, unit, paths }, member, tenant) === 'namesake';
  if ((header?.cluster === name && !isNamesake) || (unitFile === undefined && !found.exists))
    return [];
  const owner = isNamesake
    ? `belongs to member ${header.member} of another cluster ${name}`
    : header === undefined
      ? 'was not made by provision'
      : `belongs to cluster ${header.cluster}`;
  return [
    {
      kind: 'foreign-unit',
      about: [member.name],
      sentence: `${member.name}: ${unit}.service ${owner}`,
      next:
        own !== undefined
          ? [remedy`${name} has ${own}.service there: put etcd.unit: ${own} into ${INVENTORY}`]
          : header === undefined
            ? [
                remedy`take the member out of the inventory, or stop it yourself: systemctl disable --now ${unit} on ${member.name}`,
              ]
            : [
                remedy`only the inventory of ${header.cluster} stops it; if ${name} has a unit of its own there, set etcd.unit to its name in ${INVENTORY}`,
              ],
    },
  ];
}
