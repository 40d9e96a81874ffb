import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { readHeader } from '../desired/header.ts';
import { givenPlaces } from '../etcd/given-places.ts';
import { usualLog } from '../etcd/usual-log.ts';
import type { DataFact } from './data/data.ts';
import type { FormerFact } from './data/former.ts';
import type { IncarnationFact } from './data/incarnation.ts';
import type { FileFact } from './host/file.ts';
import type { DropIn, LaunchFact } from './host/launch.ts';
import type { OwnStartFact } from './host/own-start.ts';
import type { PlaceFact } from './host/place.ts';
import { type TenantsFact, type TextFact, unitOf } from './host/tenants.ts';
import type { TheirPairs } from './host/their-pairs.ts';
import type { UnitFact } from './host/unit.ts';

/** What somebody else made on a host of the cluster that is taken over, and is still in force there. */
export interface AdoptedFact {
  /** Files at paths that provision writes. */
  readonly files: readonly string[];
  /** Drop-ins of the unit, which would change the one that provision writes. */
  readonly dropIns: readonly string[];
  /** It goes on by them: the inventory keeps its layout. */
  readonly isKept: boolean;
  /** The certificates that its process was told to show; looked at where its layout is kept and it runs. */
  readonly pairs?: TheirPairs;
}

/** Whether a member goes on by the unit, the configuration and the program that somebody else gave it. */
export function keepsTheirs(
  found: { readonly adopted?: AdoptedFact | undefined } | undefined,
): boolean {
  return found?.adopted?.isKept === true;
}

type Cluster = Pick<DesiredCluster, 'name' | 'unit' | 'paths' | 'adoptedId' | 'keepsLayout'>;

/** What of a look tells whose a member is. */
interface Seen {
  readonly unit: UnitFact;
  readonly unitFile: FileFact | undefined;
  readonly conf: FileFact | undefined;
  readonly data: DataFact | undefined;
  readonly tenants: TenantsFact;
  readonly places: ReadonlyMap<string, PlaceFact>;
  readonly launch: LaunchFact;
  readonly former: FormerFact | undefined;
  readonly incarnation: IncarnationFact | undefined;
  readonly ownStart: OwnStartFact | undefined;
}

/**
 * The facts of a member whose data is of the cluster that the inventory adopts, as if provision had made its unit and its
 * configuration: everybody who decides sees a member that runs with other settings than it should. Whose data it is, its log
 * says; without that nothing is taken over.
 */
export function asAdopted<Look extends Seen>(
  cluster: Cluster,
  { name }: Pick<DesiredMember, 'name'>,
  found: Look,
): Look & { readonly adopted?: AdoptedFact } {
  const { adoptedId, paths } = cluster;
  const { tenants, conf, unitFile } = found;
  if (adoptedId === undefined || !isOf(adoptedId, found)) return found;
  const ofUnit = tenants.unitFiles.filter(({ path }) => unitOf(path) === `${cluster.unit}.service`);
  const runs = asWeSay(found.unit.process?.environment, found.ownStart?.directory);
  const isHere = runs
    ? runs.get('ETCD_DATA_DIR') === paths.data
    : ofUnit.some(({ text }) => tells(text, tenants.confs, paths.data));
  // A drop-in of ours may guard a unit that is not.
  const isTheirs = ofUnit.every(
    ({ path, text }) => path.includes('.service.d/') || readHeader(text) === undefined,
  );
  const isAdopted = isTheirs || runsByTheirs(found) || readHeader(conf?.content) === undefined;
  if (!isHere || !isAdopted) return found;
  // By its own name: one that the inventory calls otherwise is not taken for the member of that name.
  const member = runs?.get('ETCD_NAME') ?? name;
  const head = `# provision: cluster ${cluster.name}, member ${member}\n`;
  const files = [
    ...(unitFile !== undefined && readHeader(unitFile.content) === undefined
      ? [paths.unitFile]
      : []),
    ...(conf !== undefined && readHeader(conf.content) === undefined ? [paths.confFile] : []),
  ];
  // Those of a prefix or of all services are of others too.
  const own = `/etc/systemd/system/${cluster.unit}.service.d/`;
  // The guard of ours goes with a layout that is kept no more.
  const isOthers = (text: string) => cluster.keepsLayout !== true || readHeader(text) === undefined;
  const goes = ({ path, content }: DropIn) =>
    (isTheirs || runsByTheirs(found)) && path.startsWith(own) && isOthers(content);
  const dropIns = found.launch.dropIns.filter(goes).map(({ path }) => path);
  return {
    ...found,
    adopted: { files, dropIns, isKept: cluster.keepsLayout === true },
    unit: withSettings(found.unit, runs),
    launch: { ...found.launch, dropIns: found.launch.dropIns.filter((one) => !goes(one)) },
    conf: withHead(conf, head, settingsText(runs, paths.data)),
    ...(unitFile && { unitFile: withHead(unitFile, head) }),
    tenants: {
      ...tenants,
      unitFiles: tenants.unitFiles.map((file) =>
        ofUnit.includes(file) && !file.path.includes('.service.d/')
          ? { ...file, text: headed(file.text, head) }
          : file,
      ),
    },
    places: new Map(
      [...found.places].map(([path, place]) =>
        files.includes(path) && place.kind === 'file'
          ? [path, { ...place, header: { cluster: cluster.name, member } }]
          : [path, place],
      ),
    ),
  };
}

/** Whether its log is of that cluster, or of the one that provision made of it, as a restore does, while it can be given back. */
function isOf(adoptedId: string, { data, former, incarnation }: Seen): boolean {
  const id = data?.wal?.clusterId;
  if (id === undefined) return false;
  return id === adoptedId || (former !== undefined && incarnation?.record.clusterId === id);
}

/**
 * Whether it runs by a unit that provision did not make: until it is restarted it does, whatever a run that was cut off has
 * written since.
 */
export function runsByTheirs({ unit: { process } }: Pick<Seen, 'unit'>): boolean {
  return process !== undefined && process.unit === undefined;
}

/**
 * The settings as an inventory has them: directories by their whole names, and listeners without one in clear text on loopback
 * beside https, which is no half of a switch and ends with the restart.
 */
function asWeSay(
  given: ReadonlyMap<string, string> | undefined,
  directory = '/',
): ReadonlyMap<string, string> | undefined {
  if (given === undefined) return undefined;
  const { data, wal } = givenPlaces((variable) => given.get(variable), directory);
  const listened = given.get('ETCD_LISTEN_CLIENT_URLS');
  const said = new Map([...given, ['ETCD_DATA_DIR', data], ['ETCD_WAL_DIR', wal]]);
  // Where etcd has it by itself no inventory says it.
  if (wal === usualLog(data)) said.delete('ETCD_WAL_DIR');
  if (listened !== undefined) said.set('ETCD_LISTEN_CLIENT_URLS', withoutClearLoopback(listened));
  return said;
}

function withoutClearLoopback(urls: string): string {
  const all = urls.split(',');
  if (!all.some((url) => url.startsWith('https:'))) return urls;
  return all.filter((url) => !/^http:\/\/(127\.|localhost|\[::1\])/.test(url)).join(',');
}

function withSettings(
  unit: UnitFact,
  environment = new Map() as ReadonlyMap<string, string>,
): UnitFact {
  return unit.process === undefined ? unit : { ...unit, process: { ...unit.process, environment } };
}

/** Whether a unit, or a configuration that it names, speaks of this directory. */
function tells(unit: string, confs: readonly TextFact[], data: string): boolean {
  const texts = [unit, ...confs.filter(({ path }) => unit.includes(path)).map(({ text }) => text)];
  return texts.some((text) =>
    text.split(/[\s"'=:]+/).some((word) => word.replace(/\/$/, '') === data),
  );
}

function withHead(file: FileFact | undefined, head: string, otherwise = ''): FileFact {
  if (file !== undefined && readHeader(file.content) !== undefined) return file;
  const content = headed(otherwise === '' ? (file?.content ?? '') : otherwise, head);
  const { mode = 0o644, owner = 'root:root', modifiedAt = 0 } = file ?? {};
  return { mode, owner, modifiedAt, content, original: file?.content };
}

function headed(text: string, head: string): string {
  return readHeader(text) === undefined ? head + text : text;
}

/** What a process was started with, as an etcd.conf of ours has it. A member with a log has no first start any more. */
function settingsText(given: ReadonlyMap<string, string> | undefined, data: string): string {
  const settings = new Map([['ETCD_DATA_DIR', data], ...(given ?? [])]);
  settings.set('ETCD_INITIAL_CLUSTER_STATE', 'existing');
  return [...settings].map(([name, value]) => `${name}="${value}"\n`).join('');
}
