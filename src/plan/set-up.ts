import type { DesiredCluster } from '../desired/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { readConf } from './environment-file.ts';

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
  { name }: Pick<DesiredCluster, 'name'>,
  { unit, unitFile, conf }: MemberFacts,
): SetUp | undefined {
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
  return {
    member: own.member,
    runs: unit.pid > 0,
    formed:
      unit.pid > 0 || mine === undefined || mine.get('ETCD_INITIAL_CLUSTER_STATE') === 'existing',
    data: said('ETCD_DATA_DIR') ?? directive('RequiresMountsFor'),
    wal: said('ETCD_WAL_DIR'),
    confFile: directive('EnvironmentFile'),
    account: directive('User'),
    peerUrl: said('ETCD_INITIAL_ADVERTISE_PEER_URLS'),
    initialCluster: readInitialCluster(said('ETCD_INITIAL_CLUSTER')),
  };
}

function readInitialCluster(value = ''): ReadonlyMap<string, string> {
  return new Map(
    value.split(',').flatMap((one) => {
      const at = one.indexOf('=');
      return at < 1 ? [] : [[one.slice(0, at), one.slice(at + 1)] as const];
    }),
  );
}
