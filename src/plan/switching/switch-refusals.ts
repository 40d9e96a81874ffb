import type { DesiredSwitch } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { listedMember } from '../../observed/membership.ts';
import { observed, seenMembers, someoneAnswers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { planCertificates } from '../certificates/certificates.ts';
import { hostKeyRefusals } from '../certificates/host-key-refusals.ts';
import { replacedLogs } from '../incarnation.ts';
import { hostsOf } from '../lane.ts';
import { membershipIsKept } from '../membership/membership-refusals.ts';
import { ownershipRefusals } from '../ownership/owners.ts';
import { strangeRecords } from '../ownership/strange-records.ts';
import type { Refusal, Wave } from '../plan.ts';
import { downtimeRefusals, notAnsweringRefusals } from '../policy.ts';
import { besideTrustChange } from '../refusing/beside-change.ts';
import { changedSettings } from '../refusing/changed-settings.ts';
import { noCorruption } from '../refusing/corruption.ts';
import { accountRefusals, launchRefusals } from '../refusing/launch-refusals.ts';
import { caIsTheSame } from '../refusing/refusals.ts';
import { remedies } from '../refusing/remedies.ts';
import { spaceRefusals } from '../refusing/space-refusals.ts';
import { runningVersion, versionRefusals } from '../refusing/versions.ts';
import { isHalfMoved, migrateTo, protocolWitnesses } from './protocol.ts';
import { leftPort, servedBy, servesBoth } from './serving.ts';
import { isDone, type SwitchOptions } from './switch-stages.ts';

/** Why a live switch of the protocol must not begin or go on now; empty when it may. */
export function switchRefusals(
  desired: DesiredSwitch,
  facts: ClusterFacts,
  options: SwitchOptions,
): readonly Refusal[] {
  const { target } = desired;
  const foreign = ownershipRefusals(target, facts);
  if (foreign.length > 0) return foreign;
  const strange = strangeRecords(target, facts);
  if (strange.length > 0) return strange;
  const settings = changedSettings(target, facts);
  const learning = learnersIn(desired, facts);
  return [
    ...settings,
    ...membershipIsKept(target, facts),
    ...noCorruption(target, facts),
    ...replacedLogs(target, facts),
    ...unlisted(desired, facts),
    ...caIsTheSame(target, facts),
    ...hostKeyRefusals(target, facts, planCertificates(target, facts).reissued),
    ...learning,
    ...versions(desired, facts),
    ...versionRefusals(target, facts),
    ...launchRefusals(target, facts),
    ...(settings.length > 0 ? [] : accountRefusals(target, facts)),
    ...spaceRefusals(target, facts),
    ...(learning.length > 0 ? [] : downtimeRefusals(target, facts, options, 'every restart')),
    ...rotating(desired, facts),
    ...stagePortUnfit(desired, facts),
  ];
}

/**
 * Why the waves of a live switch must not begin although each may: members that do not answer. While a switch is under way
 * one alone may be what these waves repair first; all together, when it is their protocol that keeps them apart.
 */
export function notAnsweringMembers(
  { target, to, clientPort }: DesiredSwitch,
  facts: ClusterFacts,
  waves: readonly Wave[],
  { finish }: Pick<SwitchOptions, 'finish'>,
): readonly Refusal[] {
  const { members } = facts;
  const { notAnswering } = observed(target, facts);
  const [only] = notAnswering;
  const [first] = waves.filter(({ gate }) => gate.length > 0);
  const isUnderWay =
    (finish && leftPort({ to, clientPort }, { members }) !== undefined) ||
    new Set(protocolWitnesses({ members }).map(({ protocol }) => protocol)).size > 1;
  const [turned] = hostsOf(first?.lanes ?? []);
  const isFixed = isUnderWay && notAnswering.length === 1 && turned === only?.name;
  const isParted =
    notAnswering.length === target.members.length &&
    notAnswering.every(({ name }) => listedMember(name, members) !== undefined) &&
    notAnswering.some(({ name }) => isHalfMoved(name, members));
  if (isFixed || isParted) return [];
  return notAnsweringRefusals(target, facts, 'a live switch', [remedies.doctor()]);
}

// Before 3.5.31 and 3.6.12, and in all 3.4, an update of peer URLs silently makes a learner a voter (etcd-io/etcd#21694).
function learnersIn({ target }: DesiredSwitch, facts: ClusterFacts): readonly Refusal[] {
  return observed(target, facts).learners.map(({ id, name }) => ({
    kind: 'learner',
    about: [],
    sentence: `${target.name}: member ${name || id} is a learner; changing its peer URL could make it a voter by accident`,
    next: [
      remedy`let it get its vote first, with the protocol as it is now: ${provision('up', INVENTORY)}`,
    ],
  }));
}

/** Members dial what the membership says, so who is in no list that anybody tells cannot be moved. */
function unlisted({ target }: DesiredSwitch, { members }: ClusterFacts): readonly Refusal[] {
  if (!someoneAnswers({ members })) return [];
  const names = target.members.flatMap(({ name }) =>
    listedMember(name, members) === undefined ? [name] : [],
  );
  if (names.length === 0) return [];
  return [
    {
      kind: 'unlisted',
      about: names,
      sentence: `${target.name}: nobody tells the peer URLs of ${names.join(', ')} as the membership has them, so they cannot be moved`,
      next: [remedies.doctor()],
    },
  ];
}

function versions({ target }: DesiredSwitch, { members }: ClusterFacts): readonly Refusal[] {
  const running = new Set(allFound({ members }).flatMap((one) => runningVersion(one) ?? []));
  if ([...running].every((version) => version === target.version)) return [];
  return [
    {
      kind: 'version-changed',
      about: [],
      sentence: `${target.name}: runs etcd ${[...running].join(' and ')}, the inventory says ${target.version}; one change at a time`,
      next: [
        remedy`bring the version in order first, with the protocol as it is now: ${provision('up', INVENTORY)}`,
      ],
    },
  ];
}

/**
 * A change of trust waits where members speak http: no process trusts any of its CAs, and only https brings it on. One that
 * is under way over https is finished first; a switch that has begun goes on, and back.
 */
export function rotating(
  { to, target }: Pick<DesiredSwitch, 'to' | 'target'>,
  facts: ClusterFacts,
): readonly Refusal[] {
  const isBegun = protocolWitnesses(facts).some(({ protocol }) => protocol === 'http');
  return to === 'https' || isBegun ? [] : besideTrustChange(target, facts);
}

/** Whether the port that a stage is to begin with is free and of use. */
function stagePortUnfit(desired: DesiredSwitch, facts: ClusterFacts): readonly Refusal[] {
  const { to, target, clientPort, stagePort, mayShare } = desired;
  const { members } = facts;
  const isBegun = allFound({ members }).some(servesBoth);
  if (isBegun || target.members.every(({ name }) => isDone(name, facts, to))) return [];
  const choose = (sentence: string): Refusal => ({
    kind: 'stage-port',
    about: [],
    sentence,
    next: [remedy`choose another: --window-port`],
  });
  if (stagePort === clientPort && !mayShare)
    return [
      choose(
        `${target.name}: etcd ${target.version} does not serve http and https at one port (${clientPort}) without a data race (etcd#15495)`,
      ),
    ];
  if (target.members.some(({ listener }) => listener.ports.peer === stagePort))
    return [
      choose(`${target.name}: port ${stagePort}, which clients are to use, is the peer port`),
    ];
  if (stagePort === clientPort) return [];
  return seenMembers(target, facts).flatMap(({ name, found }): readonly Refusal[] => {
    const left = servedBy(found).find(({ port }) => port === stagePort);
    if (left !== undefined)
      return [
        {
          kind: 'switch-unfinished',
          about: [name],
          sentence: `${name}: port ${stagePort} still serves ${left.protocol}, from a switch to ${left.protocol} that is not finished`,
          next: [remedy`finish it first: ${migrateTo(left.protocol, '--finish')}`],
        },
      ];
    const other = found.listeners.find(
      ({ port, pid }) => port === stagePort && pid !== found.unit.pid,
    );
    if (other === undefined) return [];
    return [
      choose(
        `${name}: port ${stagePort}, which clients are to use during the switch, is taken by ${other.process} (pid ${other.pid})`,
      ),
    ];
  });
}
