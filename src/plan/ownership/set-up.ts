import type { DesiredCluster } from '../../desired/cluster.ts';
import { mountsIn } from '../../desired/unit-mounts.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { readConf } from '../environment-file.ts';
import { dataIn } from '../place-move.ts';

/** What a member of this cluster was set up with, as its host shows it: by its process first, then by what provision wrote there. */
export interface SetUp {
  /** Whose host it is, by the unit or the configuration on it. */
  readonly member: string;
  readonly runs: boolean;
  /** Whether the cluster has had quorum once, as far as the host knows: what is there holds data then. */
  readonly formed: boolean;
  readonly data: string | undefined;
  /** A directory for the log beside the data directory. */
  readonly wal: string | undefined;
  readonly confFile: string | undefined;
  readonly account: string | undefined;
  readonly peerUrl: string | undefined;
  /** The members by name and peer URL, as the configuration has them. */
  readonly initialCluster: ReadonlyMap<string, string>;
}

/** What a host shows of a member of the cluster; undefined where provision has set up none of it. */
export function setUpOf(
  { name, paths }: Pick<DesiredCluster, 'name' | 'paths'>,
  found: MemberFacts,
): SetUp | undefined {
  const { unit, unitFile, conf } = found;
  const unitHead = readConf(unitFile?.content);
  const written = readConf(conf?.content);
  const own = [unitHead, written].find((one) => one?.cluster === name);
  if (own === undefined) return undefined;
  const directive = (key: string) =>
    unitHead?.cluster === name
      ? new RegExp(`^${key}=-?(\\S+)(?: .*)?$`, 'm').exec(unitFile?.content ?? '')?.[1]
      : undefined;
  const mine = written?.cluster === name ? written.values : undefined;
  const said = (variable: string) =>
    (unit.process?.environment.get(variable) ?? mine?.get(variable)) || undefined;
  const mounts = unitHead?.cluster === name ? mountsIn(unitFile?.content)[0] : undefined;
  const data = said('ETCD_DATA_DIR') ?? mounts;
  // What a process was not given it does not use, whatever is in the file since.
  const isTold = unit.process?.environment.has('ETCD_DATA_DIR') === true;
  const wal = isTold ? unit.process?.environment.get('ETCD_WAL_DIR') : said('ETCD_WAL_DIR');
  return {
    member: own.member,
    runs: unit.pid > 0,
    formed:
      unit.pid > 0 || mine === undefined || mine.get('ETCD_INITIAL_CLUSTER_STATE') === 'existing',
    data:
      isConfWrong(data, paths.data, mounts, found) || isBackAgain(paths.data, found)
        ? paths.data
        : (found.data?.elsewhere?.at ?? data),
    wal: wal !== undefined && isLogHere(wal, found) ? undefined : wal,
    confFile: directive('EnvironmentFile'),
    account: directive('User'),
    peerUrl: said('ETCD_INITIAL_ADVERTISE_PEER_URLS'),
    initialCluster: readInitialCluster(said('ETCD_INITIAL_CLUSTER')),
  };
}

/**
 * Whether a hand has changed the data directory in the configuration of a member that does not run: its data lies where
 * the inventory says, and none of its own where the file does. Never where the unit names the directory of the file too.
 */
function isConfWrong(
  written: string | undefined,
  wanted: string,
  mounts: string | undefined,
  found: MemberFacts,
): boolean {
  if (written === undefined || found.data?.elsewhere !== undefined) return false;
  if (found.unit.pid > 0 || written === wanted || mounts === written) return false;
  if (holdsOwnLog(written, found)) return false;
  const { data, incarnation } = found;
  const isRecorded =
    data?.wal !== undefined &&
    data.wal.memberId === incarnation?.record?.memberId &&
    data.wal.clusterId === incarnation.record.clusterId;
  return mounts === wanted || isRecorded;
}

/** Whether data that was to be moved lies where the inventory has it again, and all files name the other place already. */
function isBackAgain(wanted: string, { unit, data, dataMove }: MemberFacts): boolean {
  if (unit.pid > 0 || data?.hasLog !== true || data.elsewhere !== undefined) return false;
  return dataMove?.from === dataIn(wanted) || dataMove?.to === dataIn(wanted);
}

/** Whether a hand has changed the directory of its log. */
function isLogHere(written: string, found: MemberFacts): boolean {
  return found.unit.pid === 0 && found.data?.hasLog === true && !holdsOwnLog(written, found);
}

/** Whether a log lies in a directory that may be this member's. */
function holdsOwnLog(directory: string, { tenants: { logs }, data }: MemberFacts): boolean {
  if (!logs.has(directory)) return false;
  const held = logs.get(directory);
  const own = data?.wal;
  return held === undefined || own === undefined || held.clusterId === own.clusterId;
}

function readInitialCluster(value = ''): ReadonlyMap<string, string> {
  return new Map(
    value.split(',').flatMap((one) => {
      const at = one.indexOf('=');
      return at < 1 ? [] : [[one.slice(0, at), one.slice(at + 1)] as const];
    }),
  );
}
