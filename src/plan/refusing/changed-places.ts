import type { DesiredCluster } from '../../desired/cluster.ts';
import { sameAddress } from '../../etcd/peer-url.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { placeOf } from '../membership/membership.ts';
import { storedEntry, storedMembership } from '../membership/stored-membership.ts';
import { setUpOf } from '../ownership/set-up.ts';
import type { Change } from './change.ts';

/**
 * Addresses and peer ports that members have and the inventory says otherwise. Peer URLs live in the membership and in the
 * data: started with another in its configuration, a member still looks for the old ones, and is looked for there.
 */
export function changedPlaces(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Change[] {
  const { list, members } = observed(cluster, facts);
  const stored = list === undefined ? storedMembership(cluster, facts) : undefined;
  return members.flatMap(({ name, desired: { peerUrl }, found, ...member }) => {
    const listed = member.listed?.peerUrls;
    const setUp = found && setUpOf(cluster, found);
    // A configuration of a first start that has made no data yet holds nobody to it.
    const written =
      list === undefined && setUp?.peerUrl !== undefined && (setUp.formed || found?.data?.used)
        ? [setUp.peerUrl]
        : undefined;
    // Its new host has nothing of it: the others hold where it was.
    const held =
      stored !== undefined && found !== undefined && setUp === undefined
        ? storedEntry(stored, { name, peerUrl })?.peerUrls
        : undefined;
    // What a hand wrote into its configuration is corrected where the data has the address of the inventory.
    const isInData = stored?.members.some(
      (one) => one.id !== '' && one.name === name && one.peerUrls.includes(peerUrl),
    );
    const urls = listed ?? (isInData ? [peerUrl] : undefined) ?? written ?? held ?? [];
    const [url] = urls;
    if (url === undefined || urls.some((one) => sameAddress(one, peerUrl))) return [];
    const was = placeOf(url);
    const is = placeOf(peerUrl);
    const change = (setting: string, place: 'host' | 'port'): readonly Change[] =>
      was[place] === is[place]
        ? []
        : [
            {
              ...{ member: name, setting, was: was[place], is: is[place] },
              runs: list !== undefined || setUp?.runs === true,
              ...(place === 'host' &&
                found !== undefined &&
                setUp === undefined &&
                found.data?.used !== true && { isBare: true }),
            },
          ];
    return [...change('etcd.ports.peer', 'port'), ...change('address', 'host')];
  });
}
