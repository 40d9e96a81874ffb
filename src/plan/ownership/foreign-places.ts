import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { maintenancePlaces } from '../../desired/maintenance-schedule.ts';
import { schedulePlaces } from '../../desired/schedule.ts';
import type { FileHeader } from '../../desired/templates.ts';
import { sameAddress } from '../../etcd/peer-url.ts';
import type { PlaceFact } from '../../facts/host/place.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { readConf } from '../environment-file.ts';
import { nameIn } from '../path.ts';
import type { Collision } from './collision.ts';

interface Owned extends Collision {
  readonly owner: string;
}

/** What `up` leaves in the directory of the configuration. */
const OURS = /^(pki|pki\..*|etcd\.conf|snapshot\.sh|maintain\.sh|.*\.provision-new)$/;

/**
 * Files, links and directories at the cluster's paths that it did not make, by what is in them. `isOwn` tells that the
 * cluster's own unit is there: what it names is its own, whatever is in it.
 */
export function foreignPlaces(
  cluster: DesiredCluster,
  member: DesiredMember,
  found: MemberFacts,
  isOwn: boolean,
): readonly Owned[] {
  const at = (path: string) => found.places.get(path);
  const isForeign = (header: FileHeader | undefined) =>
    header !== undefined &&
    (header.cluster !== cluster.name ||
      (header.member !== member.name && !isOwn && !isReadable(found, member)));
  const headed = filesOf(cluster).flatMap(([key, path]): readonly Owned[] => {
    const place = at(path);
    if (place?.kind !== 'file' || !isForeign(place.header)) return [];
    const { cluster: owner = '', member: whose = '' } = place.header ?? {};
    const who =
      owner === cluster.name ? `member ${whose} of a cluster ${owner}` : `cluster ${owner}`;
    return [{ key, what: path, owner: who }];
  });
  if (headed.length > 0) return headed;
  // What is taken over is the unit and its configuration; what else lies where ours would come is still somebody else's.
  if (found.adopted !== undefined)
    return [...pkiByHand(cluster, at), ...linkByHand(cluster, at, 'etcd.paths.bin')];
  if (isOwn) return headed;
  return [...unitByHand(cluster, at), ...confByHand(cluster, at), ...linkByHand(cluster, at)];
}

function filesOf(cluster: DesiredCluster) {
  const { confFile, unitFile } = cluster.paths;
  const timers = [schedulePlaces(cluster), maintenancePlaces(cluster)];
  return [
    ['etcd.paths.conf', confFile],
    ...timers.map(({ script }) => ['etcd.paths.conf', script] as const),
    ['etcd.unit', unitFile],
    ...timers.flatMap(
      ({ serviceFile, timerFile }) =>
        [
          ['etcd.unit', serviceFile],
          ['etcd.unit', timerFile],
        ] as const,
    ),
  ] as const;
}

type At = (path: string) => PlaceFact | undefined;
const BY_HAND = 'somebody else: provision did not make it';

function isReadable({ conf }: MemberFacts, { peerUrl }: DesiredMember): boolean {
  const url = readConf(conf?.content)?.values.get('ETCD_INITIAL_ADVERTISE_PEER_URLS') ?? '';
  return sameAddress(url, peerUrl);
}

function unitByHand({ paths }: DesiredCluster, at: At): readonly Owned[] {
  const place = at(paths.unitFile);
  const isMasked = place?.kind === 'link' && place.target === '/dev/null';
  if (place === undefined || isMasked || (place.kind === 'file' && place.header !== undefined))
    return [];
  return [{ key: 'etcd.unit', what: paths.unitFile, owner: BY_HAND }];
}

function confByHand({ paths }: DesiredCluster, at: At): readonly Owned[] {
  const conf = at(paths.confFile);
  const key = 'etcd.paths.conf';
  if (conf?.kind === 'file' && conf.header !== undefined) return [];
  if (conf !== undefined) return [{ key, what: paths.confFile, owner: BY_HAND }];
  const directory = at(paths.conf);
  const strange =
    directory?.kind === 'directory' ? directory.entries.filter((one) => !OURS.test(one)) : [];
  if (directory?.kind === 'file' || strange.length > 0)
    return [{ key, what: `${paths.conf} with ${strange.slice(0, 3).join(', ')}`, owner: BY_HAND }];
  return pkiByHand({ paths }, at);
}

function pkiByHand({ paths }: Pick<DesiredCluster, 'paths'>, at: At): readonly Owned[] {
  const pki = at(paths.pki);
  const isOurLink = pki?.kind === 'link' && pki.target.startsWith(`${nameIn(paths.pki)}.`);
  if (pki === undefined || isOurLink) return [];
  return [{ key: 'etcd.paths.conf', what: paths.pki, owner: BY_HAND }];
}

function linkByHand(
  { paths }: DesiredCluster,
  at: At,
  key: Collision['key'] = 'etcd.unit',
): readonly Owned[] {
  const place = at(paths.current);
  if (place === undefined || paths.current === paths.binaries) return [];
  const isOurs =
    place.kind === 'link' &&
    (place.target.startsWith(`${paths.bin}/`) || !place.target.includes('/'));
  return isOurs ? [] : [{ key, what: paths.current, owner: BY_HAND }];
}
