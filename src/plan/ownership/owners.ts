import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { readHeader } from '../../desired/header.ts';
import { sameAddress } from '../../etcd/peer-url.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers } from '../../observed/observed.ts';
import { groupedBy } from '../../problem/grouped.ts';
import { INVENTORY, remedy } from '../../problem/remedy.ts';
import { within } from '../path.ts';
import type { Refusal } from '../plan.ts';
import { type WrongProgram, wrongProgram } from '../refusing/versions.ts';
import { type ClaimOnHost, claimRefusals } from './claims.ts';
import { clearing } from './clear-by-hand.ts';
import { collisions } from './collisions.ts';
import { foreignPlaces } from './foreign-places.ts';
import { type MisnamedMember, misnamedRefusals, movedMember, renamedMember } from './misnamed.ts';
import { type Tenant, tenantsOf, valuesOf } from './tenants.ts';

/** What a unit or process on a member's host is to this cluster. */
export type Relation =
  /** The member itself. */
  | 'own'
  /** The member itself, by its data or its address, in another unit. */
  | 'moved'
  /** Of another cluster that has the same name. */
  | 'namesake'
  /** Of another cluster, or of nobody that is known. */
  | 'other';

/**
 * Why nothing may be done: something that the cluster would write, link, chown, start, stop or remove on its hosts
 * belongs to another cluster, or to nobody that is known. Asked before anything else, whatever is to be done.
 */
export function ownershipRefusals(
  cluster: DesiredCluster,
  { binaries, ...facts }: Pick<ClusterFacts, 'members' | 'binaries'>,
): readonly Refusal[] {
  const seen = seenMembers(cluster, facts).map(({ desired: member, found }) => ({
    ...{ member, found, tenants: tenantsOf(found.tenants) },
  }));
  const personal: Refusal[] = [];
  const identity: MisnamedMember[] = [];
  const namesakes: { readonly host: string; readonly one: Tenant }[] = [];
  const claims: ClaimOnHost[] = [];
  for (const { member, found, tenants } of seen) {
    const renamed = tenants.find((one) => isRenamed(cluster, member, one));
    if (renamed !== undefined) {
      identity.push(renamedMember(cluster, member, found, renamed));
      continue;
    }
    const own = tenants.some((one) => relation(cluster, member, one) === 'own');
    const isByHand =
      !own && found.unit.pid > 0 && readHeader(found.unitFile?.content) === undefined;
    if (isByHand) personal.push(unitByHand(cluster, member, found));
    for (const one of tenants) {
      const what = relation(cluster, member, one);
      if (what === 'moved') identity.push(movedMember(cluster, member, one));
      if (what === 'namesake' && isNew(cluster, member, found))
        namesakes.push({ host: member.name, one });
      if (what === 'namesake' || what === 'other')
        for (const collision of collisions(cluster, member, one, { found, binaries })) {
          const wrong = collision.what === cluster.paths.binaries && wrongProgram(cluster, found);
          if (wrong) personal.push(sharedProgram(cluster, member, describeTenant(one), wrong));
          else if (!isByHand || collision.key !== 'etcd.unit')
            claims.push({
              ...{ owner: describeTenant(one), host: member.name, found: collision },
              clear: clearing(member.name, one, found.tenants),
            });
        }
    }
    const told = claims.filter(({ host }) => host === member.name);
    for (const { owner, ...collision } of foreignPlaces(cluster, member, found, own))
      if (!told.some((one) => isSaidBy(one.owner, owner) && one.found.key === collision.key))
        claims.push({ owner, host: member.name, found: collision });
  }
  return [
    ...misnamedRefusals(identity),
    ...personal,
    ...sameName(cluster, namesakes),
    ...claimRefusals(cluster, claims),
  ];
}

/** Why the inventory calls members of this very cluster by another cluster's name or another unit: to that all else is due. */
export function mistakenMembers(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  return misnamedRefusals(
    seenMembers(cluster, facts).flatMap(({ desired: member, found }) => {
      const tenants = tenantsOf(found.tenants);
      const renamed = tenants.find((one) => isRenamed(cluster, member, one));
      if (renamed !== undefined) return [renamedMember(cluster, member, found, renamed)];
      return tenants
        .filter((one) => relation(cluster, member, one) === 'moved')
        .map((one) => movedMember(cluster, member, one));
    }),
  );
}

/** What a unit or process is to the cluster whose member has this host. */
export function relation(
  cluster: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
  member: Pick<DesiredMember, 'name' | 'peerUrl'>,
  tenant: Tenant,
): Relation {
  // The trial of a snapshot, which ends by itself.
  const isTrial = valuesOf(tenant, 'ETCD_DATA_DIR').some((one) =>
    within(one, cluster.paths.snapshots),
  );
  if (tenant.header === undefined && isTrial) return 'own';
  if (tenant.header?.cluster !== cluster.name) return 'other';
  const isOurUnit = tenant.unit === `${cluster.unit}.service`;
  const isMember = tenant.header.member === member.name;
  const isHere =
    hasPeerUrl(tenant, member) || valuesOf(tenant, 'ETCD_DATA_DIR').includes(cluster.paths.data);
  if (isOurUnit) return isMember || isHere ? 'own' : 'namesake';
  return isHere ? 'moved' : 'namesake';
}

/** Whether it is this very member with its data and its address, under the name of another cluster. */
function isRenamed(cluster: DesiredCluster, member: DesiredMember, tenant: Tenant): boolean {
  const { header, unit, confFiles } = tenant;
  if (header === undefined || header.cluster === cluster.name) return false;
  const isUnit = unit === `${cluster.unit}.service`;
  const isData = valuesOf(tenant, 'ETCD_DATA_DIR').includes(cluster.paths.data);
  // Its configuration was lost, and its address with it.
  if (valuesOf(tenant, 'ETCD_INITIAL_ADVERTISE_PEER_URLS').length === 0) return isUnit && isData;
  const isConf = confFiles.includes(cluster.paths.confFile);
  // One of them alone was forgotten by a second cluster, or changed by the way.
  const same = [isUnit, isConf, isData].filter((one) => one).length;
  return hasPeerUrl(tenant, member) && same >= 2;
}

function hasPeerUrl(tenant: Tenant, { peerUrl }: Pick<DesiredMember, 'peerUrl'>): boolean {
  return valuesOf(tenant, 'ETCD_INITIAL_ADVERTISE_PEER_URLS')
    .flatMap((urls) => urls.split(','))
    .some((url) => sameAddress(url, peerUrl));
}

/** Whether the member has nothing on this host yet: neither unit nor configuration. */
function isNew(
  cluster: DesiredCluster,
  member: DesiredMember,
  { unitFile, conf }: MemberFacts,
): boolean {
  return ![unitFile, conf]
    .map((file) => readHeader(file?.content))
    .some((one) => one?.cluster === cluster.name && one.member === member.name);
}

/** Whether the owner of a unit is the one that a file names. */
function isSaidBy(unit: string, file: string): boolean {
  return (
    unit.startsWith(`${file} (`) || unit.startsWith(`${file.replace(/^member \S+ of a /, '')} (`)
  );
}

/** A wrong program where several clusters have theirs: with a directory of its own one of them would still start it. */
function sharedProgram(
  { version }: DesiredCluster,
  { name }: DesiredMember,
  owner: string,
  { path, version: there }: WrongProgram,
): Refusal {
  return {
    kind: 'shared-program',
    about: [name],
    sentence: `${name}: ${path} is etcd ${there}, and should be ${version}; ${owner} starts it too, so up does not replace it`,
    next: [remedy`put etcd ${version} back at ${path} on ${name}, as root, with mode 0755`],
  };
}

function unitByHand(
  { unit }: DesiredCluster,
  { name }: DesiredMember,
  found: MemberFacts,
): Refusal {
  return {
    kind: 'foreign-unit',
    about: [name],
    sentence: `${name}: ${unit}.service runs there already (pid ${found.unit.pid}), and provision did not make it`,
    next: [
      remedy`choose another etcd.unit, etcd.paths.data and etcd.ports, or stop it yourself: systemctl disable --now ${unit} on ${name}`,
    ],
  };
}

function sameName(
  { name }: DesiredCluster,
  found: readonly { readonly host: string; readonly one: Tenant }[],
): readonly Refusal[] {
  const alike = groupedBy(
    found,
    ({ one }) =>
      `${one.unit} there belongs to another cluster that is called ${name} too${inCluster(one.clusterId)}`,
  );
  return [...alike].map(([what, all]) => ({
    kind: 'namesake',
    about: all.map(({ host }) => host),
    sentence: `${all.map(({ host }) => host).join(', ')}: ${what}; lock, history, keys and snapshots go by the name`,
    next: [remedy`give this cluster another name: set cluster in ${INVENTORY}`],
  }));
}

/** Who it is, for a sentence: `cluster shop (etcd.service, cluster id …)`. */
export function describeTenant({ header, unit, pid, executable, clusterId }: Tenant): string {
  const where = [
    ...(unit === undefined ? [] : [unit]),
    ...(unit === undefined && executable !== undefined ? [executable] : []),
    ...(pid > 0 && header === undefined ? [`pid ${pid}`] : []),
    ...(clusterId === undefined ? [] : [`cluster id ${clusterId}`]),
  ].join(', ');
  const who =
    header === undefined ? 'an etcd that provision did not make' : `cluster ${header.cluster}`;
  return where === '' ? who : `${who} (${where})`;
}

function inCluster(id: string | undefined): string {
  return id === undefined ? '' : ` (cluster id ${id})`;
}
