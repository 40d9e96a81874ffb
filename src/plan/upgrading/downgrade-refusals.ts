import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { minorOf } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { notAnsweringRefusals } from '../policy.ts';
import { remedies } from '../refusing/remedies.ts';
import { asksForUser } from './cluster-version.ts';
import { downgradeUnderWay, newestOfAll } from './under-way.ts';
import { runningVersions } from './upgrade-path-of.ts';
import { type Crossing, isComplete, withoutAlarm } from './upgrade-refusals.ts';

type Rule = (
  desired: DesiredCluster,
  facts: ClusterFacts,
  crossing: Crossing,
) => readonly Refusal[];

/** Why a cluster must not go to the minor version before as it is (downgrade_3_6.md). */
export function downgradeRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
): readonly Refusal[] {
  const running = runningVersions(facts);
  const from = newestOfAll(running) ?? desired.version;
  const isBegun =
    downgradeUnderWay(facts) !== undefined &&
    running.some((one) => !changesMinor(one, desired.version));
  // What was begun is finished also where it would not be begun.
  const rules = isBegun
    ? [hasFormerPrograms]
    : [hasFormerPrograms, withoutUsers, withoutAlarm, isComplete, allAnswer];
  return rules.flatMap((rule) => rule(desired, facts, { from, what: 'a downgrade' }));
}

/** What is installed by others has taken the place of the program that runs, so that nothing would lead back. */
const hasFormerPrograms: Rule = ({ name, version, paths }, _, { from }) =>
  paths.current === paths.binaries
    ? [
        {
          kind: 'downgrade-installed',
          about: [],
          sentence: `${name}: runs etcd ${from}, and with etcd.source installed the program of ${from} would be gone when a member does not come up with ${version}`,
          next: [
            remedy`put etcd ${from} back on every host and give etcd.source {release: {}} with etcd.version ${from}, then: ${provision('up', INVENTORY)}`,
          ],
        },
      ]
    : [];

const withoutUsers: Rule = ({ name }, facts) =>
  asksForUser(facts)
    ? [
        {
          kind: 'downgrade-with-auth',
          about: [],
          sentence: `${name}: authentication is on, and only root may have the cluster go down`,
          next: [
            remedy`switch it off while nobody depends on it: ${provision('etcdctl', INVENTORY, '--', '--user', 'root', 'auth', 'disable')}; go down; then: ${provision('etcdctl', INVENTORY, '--', 'auth', 'enable')}`,
          ],
        },
      ]
    : [];

const allAnswer: Rule = (desired, facts) =>
  notAnsweringRefusals(desired, facts, `a downgrade to ${minorOf(desired.version)}`, [
    remedies.doctor(),
  ]);
