import { etcdctlTrouble, isEtcdctlBrought } from '../../plan/refusing/etcdctl-trouble.ts';
import { cures } from '../cures.ts';
import { answers, type ExaminedCluster, type ExaminedMember } from '../looks/examined.ts';
import type { Cause } from './cause.ts';

/** An etcdctl that does not run beside an etcd that does, whether that could be asked in another way or not. */
export function etcdctlCause(
  one: Pick<ExaminedMember, 'facts'>,
  { desired }: Pick<ExaminedCluster, 'desired'>,
): Cause | undefined {
  const why = etcdctlTrouble(desired, one.facts);
  if (why === undefined) return undefined;
  return {
    kind: 'no-tool',
    sentence: answers(one)
      ? `etcd runs and answers; the etcdctl beside it does not run there (${why})`
      : `etcd runs, and cannot be asked: the etcdctl beside it does not run there (${why})`,
    evidence: [],
    next: [cureOf(one, desired)],
  };
}

function cureOf({ facts }: Pick<ExaminedMember, 'facts'>, desired: ExaminedCluster['desired']) {
  const { paths, version } = desired;
  if (isEtcdctlBrought(desired, facts)) return cures.bringTool();
  return paths.current === paths.binaries
    ? cures.byHand(`put etcdctl ${version} into ${paths.binaries} on that host, with mode 0755`)
    : cures.thenUp('move that etcdctl aside on that host');
}
