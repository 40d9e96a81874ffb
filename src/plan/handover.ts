import type { DesiredCluster } from '../desired/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';

/** Whose the data and the keys of a member become, in the moment in which it is stopped. */
export interface Handover {
  readonly account: string;
  readonly data: string;
  /** The directory of its log, where it is not in the data. */
  readonly log?: string;
  /** The link to the certificates. */
  readonly pki: string;
}

/**
 * What a member that runs as another account than the inventory says has to be given at its restart; undefined where none
 * has, or where more than data and keys would have to change its owner: files that etcd appends its log to.
 */
export function handoverOf(
  { account, paths }: Pick<DesiredCluster, 'account' | 'paths'>,
  { unit, adopted }: Pick<MemberFacts, 'unit' | 'adopted'>,
): Handover | undefined {
  const runsAs = unit.process?.account ?? '';
  // No inventory names root: what runs as root was started by a hand.
  const isByHand = runsAs === 'root' && adopted === undefined;
  if (isByHand || /^($|#)/.test(runsAs) || runsAs === account || paths.logs.length > 0)
    return undefined;
  const { data, pki, walHome } = paths;
  return { account, data, pki, ...(walHome !== undefined && { log: walHome }) };
}
