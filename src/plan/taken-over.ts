import type { DesiredCluster } from '../desired/cluster.ts';
import { runsByTheirs } from '../facts/adopted.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { formerDirectory } from '../facts/data/former.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { FormerFiles } from './former-step.ts';
import { runningVersion } from './refusing/versions.ts';
import type { QuietStep } from './step.ts';
import { when } from './step-words.ts';

/** Keeps the files of somebody else before ours come in their place; nothing where nothing is taken over. */
export function keepFormer(
  cluster: Pick<DesiredCluster, 'unit' | 'paths' | 'protocol'>,
  { store }: Pick<ClusterFacts, 'store'>,
  found: MemberFacts,
): readonly QuietStep[] {
  const { adopted } = found;
  if (adopted === undefined) return [];
  return [
    {
      kind: 'keep-former',
      former: formerFiles(cluster, adopted.dropIns),
      isRunning: runsByTheirs(found),
      note: noteOf(cluster, store, found),
      because: 'somebody else made them, and they can be put back',
    },
  ];
}

/** Drop-ins of somebody else, which go once the unit is ours: theirs without them might begin other data. */
export function removeDropIns({ adopted }: Pick<MemberFacts, 'adopted'>): readonly QuietStep[] {
  const { dropIns: paths = [] } = adopted ?? {};
  return when(paths.length > 0, { kind: 'remove', paths, because: 'they would change the unit' });
}

/** Why a running member is restarted that is taken over. */
export function whyTakenOver({ adopted }: Pick<MemberFacts, 'adopted'>): string | undefined {
  return adopted && 'it runs by a unit that provision did not make';
}

function formerFiles(
  { unit, paths }: Pick<DesiredCluster, 'unit' | 'paths'>,
  dropIns: readonly string[],
): FormerFiles {
  return {
    unit,
    directory: formerDirectory(unit),
    paths: [paths.unitFile, paths.confFile, ...dropIns],
  };
}

function noteOf(
  { paths, protocol }: Pick<DesiredCluster, 'paths' | 'protocol'>,
  { ca, peerCa }: ClusterFacts['store'],
  found: MemberFacts,
) {
  const { process } = found.unit;
  const said = (variable: string) => process?.environment.get(variable) ?? '';
  return {
    account: process?.account ?? found.data?.owner.split(':')[0] ?? 'root',
    executable: process?.executable ?? '',
    version: runningVersion(found) ?? '',
    ...{ protocol, peerUrl: said('ETCD_INITIAL_ADVERTISE_PEER_URLS') },
    ...{ data: paths.data, wal: said('ETCD_WAL_DIR') },
    ca: ca?.fact.fingerprint256 ?? '',
    peerCa: peerCa?.fact.fingerprint256 ?? '',
  };
}
