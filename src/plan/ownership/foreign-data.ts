import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { readHeader } from '../../desired/header.ts';
import { mountsIn } from '../../desired/unit-mounts.ts';
import type { MemberFacts } from '../../facts/member.ts';
import type { SeenMember } from '../../observed/observed.ts';
import { INVENTORY, remedy } from '../../problem/remedy.ts';
import { readConf } from '../environment-file.ts';
import { parentOf } from '../path.ts';
import type { Refusal } from '../plan.ts';
import { type DataOwner, dataOwner } from './data-owner.ts';
import { relation } from './owners.ts';
import { setUpOf } from './set-up.ts';
import { type Tenant, tenantsOf, valuesOf } from './tenants.ts';

/** What no etcd.conf of this cluster lays claim to is never touched, not even by a change of owner. */
export function foreignData(
  cluster: DesiredCluster,
  { desired, found }: Pick<SeenMember, 'desired' | 'found'>,
): readonly Refusal[] {
  const beside = [
    ...foreignBeside(cluster, desired, found),
    ...foreignWanted(cluster, desired, found),
  ];
  if (found.data === undefined || ownsData(cluster, desired, found)) return beside;
  if (!found.data.used)
    return [
      ...foreignFiles(desired, found.data.entries, {
        ...{ key: 'etcd.paths.data', path: cluster.paths.data },
        what: 'a data directory of etcd',
      }),
      ...beside,
    ];
  const { modifiedAt, wal, lacksStore, elsewhere, logAt = cluster.paths.wal } = found.data;
  const data = elsewhere?.at ?? cluster.paths.data;
  const owner = dataOwner(data, found);
  const holds =
    lacksStore === true
      ? `${logAt} holds a write-ahead log`
      : `${data} holds ${(found.data.bytes / 1_048_576).toFixed(1)} MiB of data`;
  const written =
    modifiedAt === 0 ? 'at an unknown time' : new Date(modifiedAt * 1000).toISOString();
  // Who is described with its cluster id needs it no second time.
  const id =
    wal === undefined || owner?.who.includes(wal.clusterId) === true
      ? ''
      : ` (cluster id ${wal.clusterId})`;
  const conf = readConf(found.conf?.content);
  const isOwnData = owner?.cluster === cluster.name && conf !== undefined;
  const confIsOf =
    isOwnData && conf.cluster !== cluster.name
      ? `${cluster.paths.confFile} is of cluster ${conf.cluster}, and `
      : '';
  return [
    {
      kind: 'foreign-data',
      about: [desired.name],
      sentence: `${desired.name}: ${confIsOf}${holds} of ${owner?.who ?? 'a cluster that nobody here names'}${id}, last written ${written}`,
      next: [
        confIsOf === ''
          ? aboutData(cluster, desired, found, owner)
          : remedy`correct etcd.paths.conf in ${INVENTORY}${ofOwn(cluster, desired, found).conf}`,
      ],
    },
  ];
}

/** Where the member's own unit has its configuration and data, for a sentence that says which path is wrong. */
function ofOwn(cluster: DesiredCluster, member: DesiredMember, { tenants }: MemberFacts) {
  const own = tenantsOf(tenants).find((one) =>
    ['own', 'moved'].includes(relation(cluster, member, one)),
  );
  const said = (path: string | undefined, wrong: string) =>
    path === undefined || path === wrong ? '' : `: ${own?.unit ?? cluster.name} has ${path}`;
  const confFile = own?.confFiles[0];
  return {
    conf: said(confFile && parentOf(confFile), cluster.paths.conf),
    data: said(own && dataOf(own), cluster.paths.data),
  };
}

function dataOf(tenant: Tenant): string | undefined {
  return valuesOf(tenant, 'ETCD_DATA_DIR').at(-1);
}

function aboutData(
  cluster: DesiredCluster,
  member: DesiredMember,
  found: MemberFacts,
  owner: DataOwner | undefined,
) {
  const own = ofOwn(cluster, member, found).data;
  const correct = 'correct etcd.paths.data in';
  if (owner?.cluster !== undefined && owner.cluster !== cluster.name)
    return remedy`if ${owner.cluster} is meant, use its inventory; else ${correct} ${INVENTORY}${own}`;
  if (owner !== undefined || own !== '') return remedy`${correct} ${INVENTORY}${own}`;
  return remedy`find out whose it is before anything else: systemctl list-unit-files '*etcd*' and /var/lib/provision/history.jsonl on ${member.name} name what ran there; up with its inventory goes on with it; if the path is wrong, ${correct} ${INVENTORY}`;
}

/**
 * Whether the data is this member's: by its configuration, by the environment of its process, or by its unit where the
 * configuration was lost.
 */
export function ownsData(
  cluster: DesiredCluster,
  member: DesiredMember,
  found: MemberFacts,
): boolean {
  const { conf, unitFile, tenants } = found;
  const data = found.data?.elsewhere?.at ?? cluster.paths.data;
  const written = readConf(conf?.content);
  if (written !== undefined)
    return written.cluster === cluster.name && (setUpOf(cluster, found)?.data ?? data) === data;
  const isOfUnit =
    readHeader(unitFile?.content)?.cluster === cluster.name &&
    mountsIn(unitFile?.content).includes(data);
  const isOfProcess = tenantsOf(tenants).some(
    (one) =>
      relation(cluster, member, one) === 'own' && valuesOf(one, 'ETCD_DATA_DIR').includes(data),
  );
  return isOfUnit || isOfProcess;
}

// A file system brings lost+found; on a mount point, what was moved aside or is being restored stays in it.
const EXPECTED = /^(lost\+found|restoring|aside-\d{8}T\d{6}Z(\.(restored|found)(-\d+)?)?)$/;

/** The directory of the log, where it is one of its own: with a log that etcd is to go on with it has been seen to be ours. */
function foreignBeside(
  cluster: DesiredCluster,
  member: DesiredMember,
  found: MemberFacts,
): readonly Refusal[] {
  const { walHome, wal, walKey } = cluster.paths;
  const { walHome: there, data } = found;
  if (walHome === undefined || there === undefined) return [];
  if (data?.hasLog === true && data.logAt === undefined) return [];
  const isOwn = walHome === wal;
  const entries = there.entries.filter((entry) => !(isOwn ? IN_LOG : OF_LOG).test(entry));
  return foreignFiles(member, entries, {
    ...{ key: walKey, path: walHome },
    what: isOwn ? 'the directory of a log' : `a directory for ${wal} alone`,
  });
}

/** The directory to which data is to be moved: what is the member's there is told by itself. */
function foreignWanted(
  { paths: { data: path } }: DesiredCluster,
  member: DesiredMember,
  { data }: MemberFacts,
): readonly Refusal[] {
  const { entries = [] } = data?.elsewhere?.wanted ?? {};
  return foreignFiles(
    member,
    entries.filter((entry) => !OF_DATA.test(entry)),
    { key: 'etcd.paths.data', path, what: 'a data directory of etcd' },
  );
}

const OF_DATA = /^member(\.(part|former))?$/;

// Beside a log etcd makes the next one, and a move leaves the former.
const IN_LOG = /^([0-9a-f]{16}-[0-9a-f]{16}\.wal(\.broken)?|\d+\.tmp)$/;
const OF_LOG = /^wal(\.(tmp|part|former|aside-\d{8}T\d{6}Z))?$/;

interface Place {
  readonly key: string;
  readonly path: string;
  /** What it should be. */
  readonly what: string;
}

function foreignFiles(
  { name }: DesiredMember,
  entries: readonly string[],
  { key, path, what }: Place,
): readonly Refusal[] {
  const strangers = entries.filter((entry) => !EXPECTED.test(entry));
  if (strangers.length === 0) return [];
  const shown = strangers.slice(0, 3).join(', ') + (strangers.length > 3 ? ', …' : '');
  return [
    {
      kind: 'foreign-files',
      about: [name],
      sentence: `${name}: ${path} is not ${what}, and not empty: ${shown}`,
      next: [
        remedy`set ${key} to a directory of its own, or move away by hand what is in it on ${name}`,
      ],
    },
  ];
}
