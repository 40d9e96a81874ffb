import type { DesiredCluster } from '../../desired/cluster.ts';
import { guardPath } from '../../desired/guard.ts';
import { timersHeaded } from '../../desired/unit-timers.ts';
import { sh } from '../../shell/command.ts';

/** Where a cluster has its files on a host. */
type Places = {
  readonly name: string;
  readonly unit: string;
  readonly keepsLayout?: true;
  readonly paths: Pick<DesiredCluster['paths'], 'confFile' | 'data' | 'walHome'>;
};

/**
 * The line that retires the host of a removed member by hand. Nobody knows who runs there by the time it is typed, so it
 * asks etcd.conf itself: it does nothing unless that is the member's, at this address where one is given.
 */
export function retireByHand(
  { name, unit, paths, keepsLayout }: Places,
  member: string,
  address?: string,
): string {
  const { confFile, data, walHome } = paths;
  const head = `# provision: cluster ${name}, member ${member}`;
  const isItsOwn = sh`grep -qxF ${head} ${keepsLayout === true ? guardPath(unit) : confFile}`;
  const isAtAddress =
    address === undefined
      ? sh``
      : sh` && grep ^ETCD_INITIAL_ADVERTISE_PEER_URLS= ${confFile} | grep -qF ${`//${inUrl(address)}:`}`;
  const logAside = walHome === undefined ? sh`` : sh` && mv -T ${walHome} ${`${walHome}.removed`}`;
  return sh`${isItsOwn}${isAtAddress} && systemctl disable --now ${unit} ${timersHeaded(unit, head)}${logAside} && mv -T ${data} ${`${data}.removed`}`
    .text;
}

function inUrl(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}
