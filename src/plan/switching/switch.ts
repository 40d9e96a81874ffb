import type { DesiredCluster, DesiredMember, FirstStart } from '../../desired/cluster.ts';
import type { DesiredSwitch, Protocol } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { foundOf, withFound } from '../../observed/found.ts';
import { type ObservedMember, seenMembers, someoneAnswers } from '../../observed/observed.ts';
import { keptToken } from '../boot.ts';
import { makeCertificates, planCertificates } from '../certificates/certificates.ts';
import { issuingRefusals } from '../certificates/clocks.ts';
import { certificateSteps } from '../certificates/member-certificates.ts';
import { listsOf } from '../certificates/trust.ts';
import type { Gate } from '../gate.ts';
import { onHost } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import { type MemberPlan, planMember } from '../member.ts';
import { afterStart } from '../ownership/expected.ts';
import type { Plan, Wave } from '../plan.ts';
import { leaderLast, rolling, type Turn } from '../rolling.ts';
import { together } from '../together.ts';
import { undoOf } from '../undo.ts';
import { unnoticed } from '../unnoticed.ts';
import { namesOf, restartSteps, startSteps, startTitle, yieldSteps } from '../waves.ts';
import { isHalfMoved } from './protocol.ts';
import { movePeer, relisted } from './switch-moves.ts';
import { notAnsweringMembers, switchRefusals } from './switch-refusals.ts';
import { followersNotes, isDone, type Stage, type SwitchOptions, stages } from './switch-stages.ts';

/**
 * Decides what is left of a protocol switch on a running cluster, from what its members really serve: a killed run is
 * resumed by planning again, and reversed by planning for the opposite protocol.
 *
 * To https: certificates; every member restarted so that it can dial https and serves clients both ways; one by one the
 * peer URL in the membership, then the listener; when it is asked for, the URLs that are advertised to clients; at last,
 * when clients have moved, the http listener goes (etcd-facts §3).
 * To http any member can dial at once, so the second step falls away.
 */
export function planSwitch(
  desired: DesiredSwitch,
  facts: ClusterFacts,
  options: SwitchOptions,
): Plan {
  const refusals = switchRefusals(desired, facts, options);
  if (refusals.length > 0) return refusedPlan(desired.target, refusals);

  const certificates = planCertificates(desired.target, facts);
  const waves: Wave[] = [
    ...makeCertificates(desired.target, certificates),
    ...certificateWave(desired.target, facts, certificates.reissued),
  ];
  let expected = withCertificates(facts);
  for (const stage of stages(desired, facts, options)) {
    const planned = planStage(stage, expected, desired.to);
    if (planned.waves.length > 0) waves.push(...(stage.first ? [stage.first] : []));
    waves.push(...planned.waves);
    expected = planned.expected;
  }
  const notAnswering = [
    ...notAnsweringMembers(desired, facts, waves, options),
    ...issuingRefusals(desired.target, facts, waves),
  ];
  if (notAnswering.length > 0) return refusedPlan(desired.target, notAnswering);
  const notes = followersNotes(desired, facts, options, waves);
  return planOf(desired.target, waves, notes.length > 0 ? { notes } : {});
}

function planStage(
  { cluster, title, movesPeers, sparesDone }: Stage,
  facts: ClusterFacts,
  to: Protocol,
): { readonly waves: readonly Wave[]; readonly expected: ClusterFacts } {
  const token = keptToken(cluster, facts) ?? '';
  const start = { token, state: 'existing', ...listsOf(facts) } as const;
  const left = seenMembers(cluster, facts).filter(
    ({ name }) => !(sparesDone && isDone(name, facts, to)),
  );
  const plans = new Map(
    left.map(({ name, desired: member, found }) => [
      name,
      planMember(cluster, member, facts, found, { token, formed: true }, { reissued: new Set() }),
    ]),
  );
  if (!someoneAnswers(facts)) {
    const waves = startAll(cluster, [...plans.values()].filter(isChanged));
    const all = left.map(({ desired: member }) => member);
    return { waves, expected: { ...facts, members: heard(cluster, all, facts, start) } };
  }
  const isAmiss = ({ name }: ObservedMember) => isHalfMoved(name, facts.members);
  const turnOf = (member: ObservedMember): Turn => {
    const { name, found, desired } = member;
    const plan = plans.get(name);
    const change = plan === undefined ? [] : [...plan.link, ...plan.configuration];
    const move = movesPeers ? movePeer(cluster, facts, desired) : [];
    const because = plan && whyStopped(plan);
    const { program } = plan ?? {};
    // A leader hands over before its URL moves: until it is restarted nobody can dial it by the new one, and its successor
    // would not hear of it. One that is dialled in vain already can be dialled again only by the move.
    const isFirst = because !== undefined && move.length > 0 && !isAmiss(member);
    const steps = [
      ...(isFirst ? yieldSteps(cluster) : []),
      ...move,
      ...change,
      ...(isFirst || because === undefined ? [] : yieldSteps(cluster)),
      ...(because === undefined || program === undefined
        ? []
        : restartSteps(cluster, program, because)),
    ];
    const isListed: Gate = {
      ...{ kind: 'listed-as', members: namesOf(cluster), member: name },
      peerUrls: [desired.peerUrl],
    };
    return {
      title: title(name),
      steps,
      undo: undoOf(cluster, steps, found),
      ...(move.length > 0 && { gate: [isListed] }),
    };
  };
  const waves = rolling(left, turnOf, {
    among: namesOf(cluster),
    // A member that others dial in vain comes first: every gate waits for it.
    order: (members) => {
      const inOrder = leaderLast(members);
      return [...inOrder.filter(isAmiss), ...inOrder.filter((one) => !isAmiss(one))];
    },
  });
  const changed = withFound(facts, (found, name) => {
    const plan = plans.get(name);
    const member = cluster.members.find((one) => one.name === name);
    return plan === undefined || member === undefined || !isChanged(plan)
      ? found
      : linked(cluster, afterStart(found, member, start));
  });
  const { members } = changed;
  return {
    waves,
    expected: { ...facts, members: movesPeers ? relisted(members, cluster) : members },
  };
}

/** Without a quorum there is none to keep, and one alone would wait for the others. */
function startAll(cluster: DesiredCluster, plans: readonly MemberPlan[]): readonly Wave[] {
  const lanes = plans.map((plan) =>
    onHost(plan.name, startSteps(cluster, plan, { restartBecause: whyStopped(plan) ?? HANGS })),
  );
  return together(startTitle(plans), lanes, { among: namesOf(cluster) });
}

const HANGS = 'it hangs in its start';

/** Why a member is restarted: one that does not run is brought up by it. */
function whyStopped({ running, restartBecause }: MemberPlan): string | undefined {
  return running ? restartBecause : 'it does not run';
}

/** Whether a stage changes anything of a member besides its certificates. */
function isChanged(plan: MemberPlan): boolean {
  return plan.link.length > 0 || plan.configuration.length > 0 || whyStopped(plan) !== undefined;
}

/** Certificates that no process uses yet may come to all members side by side; a running TLS reads them at each handshake. */
function certificateWave(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  reissued: ReadonlySet<string>,
): readonly Wave[] {
  const lanes = seenMembers(cluster, facts).flatMap(({ desired: member, found }) => {
    const steps = certificateSteps(cluster, member, facts, found, { reissued });
    return steps.length === 0 ? [] : [onHost(member.name, steps)];
  });
  return unnoticed('bring certificates', lanes);
}

function withCertificates(facts: ClusterFacts): ClusterFacts {
  return withFound(facts, (found) => ({ ...found, pki: { ...found.pki, files: new Map() } }));
}

/** With the unit's link to its programs, which an earlier wave has made. */
function linked({ paths }: DesiredCluster, found: MemberFacts): MemberFacts {
  return { ...found, current: paths.current === paths.binaries ? found.current : paths.binaries };
}

/** What will be found once all members run with this and answer. */
function heard(
  cluster: DesiredCluster,
  members: readonly DesiredMember[],
  facts: ClusterFacts,
  start: FirstStart,
): ClusterFacts['members'] {
  return new Map(
    members.flatMap((member) => {
      const found = foundOf(facts, member.name);
      if (found === undefined) return [];
      const etcd = {
        ...found.etcd,
        healthy: true,
        members: found.etcd.members ?? found.reportedList,
      };
      const expected = linked(cluster, afterStart({ ...found, etcd }, member, start));
      return [[member.name, expected] as const];
    }),
  );
}
