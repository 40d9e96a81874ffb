import type { DesiredCluster, DesiredMember, FirstStart } from '../desired/cluster.ts';
import type { DesiredSwitch, Protocol } from '../desired/dual-protocol.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { foundMembers, foundOf, withFound } from '../observed/found.ts';
import { seenMembers, someoneAnswers } from '../observed/observed.ts';
import { keptToken } from './boot.ts';
import { planCertificates } from './certificates.ts';
import { issuingRefusals } from './clocks.ts';
import { afterStart } from './expected.ts';
import { planMember } from './member.ts';
import type { Plan, Wave } from './plan.ts';
import { isHalfMoved } from './protocol.ts';
import type { Step } from './step.ts';
import { movePeer, relisted, undoMove } from './switch-moves.ts';
import { silentMembers, switchRefusals } from './switch-refusals.ts';
import { followersNotes, isDone, type Stage, type SwitchOptions, stages } from './switch-stages.ts';
import { listsOf } from './trust.ts';
import { oneByOne, together, touches } from './waves.ts';

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
  wishes: SwitchOptions,
): Plan {
  const refusals = switchRefusals(desired, facts, wishes);
  if (refusals.length > 0) return { cluster: desired.target.name, waves: [], refusals };

  const certificates = planCertificates(desired.target, facts);
  const waves: Wave[] = [
    ...certificates.waves,
    ...certificateWave(desired.target, facts, certificates.reissued),
  ];
  let expected = withCertificates(facts);
  for (const stage of stages(desired, facts, wishes)) {
    const planned = planStage(stage, expected, desired.to);
    if (planned.waves.length > 0) waves.push(...(stage.first ? [stage.first] : []));
    waves.push(...planned.waves);
    expected = planned.expected;
  }
  const silent = [
    ...silentMembers(desired, facts, waves, wishes),
    ...issuingRefusals(desired.target, facts, waves),
  ];
  if (silent.length > 0) return { cluster: desired.target.name, waves: [], refusals: silent };
  const notes = followersNotes(desired, facts, wishes, waves);
  return { cluster: desired.target.name, waves, ...(notes.length > 0 && { notes }), refusals: [] };
}

function planStage(
  { cluster, title, movesPeers, sparesDone }: Stage,
  facts: ClusterFacts,
  to: Protocol,
): { readonly waves: readonly Wave[]; readonly expected: ClusterFacts } {
  const token = keptToken(cluster, facts) ?? '';
  const start = { token, state: 'existing', ...listsOf(facts) } as const;
  const plans = seenMembers(cluster, facts).flatMap(({ desired: member, found }) => {
    if (sparesDone && isDone(member.name, facts, to)) return [];
    const planned = planMember(cluster, member, facts, found, { token, formed: true }, new Set());
    const move = movesPeers ? movePeer(cluster, facts, member) : [];
    const plan = {
      ...planned,
      ...(planned.running ? {} : { running: true, restartBecause: 'it does not run' }),
      certificates: [],
    };
    return [{ member, plan, move }];
  });
  if (!someoneAnswers(facts)) {
    // Without a quorum there is none to keep, and one alone would wait for the others.
    const waves = together(
      cluster,
      plans.map(({ plan }) => ({ ...plan, ready: false })),
      false,
    );
    const all = plans.map(({ member }) => member);
    return { waves, expected: { ...facts, members: heard(cluster, all, facts, start) } };
  }
  const moves = new Map(plans.map(({ member, move }) => [member.name, move]));

  const touched = oneByOne(
    cluster,
    facts,
    plans.map(({ plan }) => plan),
    (name) => (moves.get(name) ?? []).length > 0,
  );
  // A member that others dial in vain comes first: every gate waits for it.
  const isAmiss = ({ lanes }: Wave) => isHalfMoved(lanes[0]?.host ?? '', facts.members);
  const restarts = [...touched.filter(isAmiss), ...touched.filter((one) => !isAmiss(one))].map(
    (one) => {
      const [lane] = one.lanes;
      const name = lane?.host ?? '';
      const move = moves.get(name) ?? [];
      return {
        ...one,
        title: title(name),
        lanes: [{ host: name, steps: moving(move, lane?.steps ?? [], isAmiss(one)) }],
        undo: undoMove(one.undo, name, move),
      };
    },
  );
  const members = new Map(
    foundMembers(facts).map(([name, found]) => {
      const planned = plans.find(({ member }) => member.name === name);
      return [
        name,
        planned === undefined || !touches(planned.plan)
          ? found
          : linked(cluster, afterStart(found, planned.member, start)),
      ];
    }),
  );
  const listed = movesPeers ? relisted(members, cluster) : members;
  return { waves: restarts, expected: { ...facts, members: listed } };
}

/**
 * A leader hands over before its URL moves: until it is restarted nobody can dial it by the new one, and an heir would not
 * hear of it. One that is dialled in vain already can be dialled again only by the move.
 */
function moving(move: readonly Step[], steps: readonly Step[], isAmiss: boolean): readonly Step[] {
  if (isAmiss || move.length === 0) return [...move, ...steps];
  const isHandover = ({ kind }: Step) => kind === 'yield-leadership';
  return [...steps.filter(isHandover), ...move, ...steps.filter((step) => !isHandover(step))];
}

/** Certificates that no process uses yet may come to all members side by side; a running TLS reads them at each handshake. */
function certificateWave(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  reissued: ReadonlySet<string>,
): readonly Wave[] {
  const lanes = seenMembers(cluster, facts).flatMap(({ desired: member, found }) => {
    const boot = { token: '', formed: true };
    const { certificates } = planMember(cluster, member, facts, found, boot, reissued);
    return certificates.length === 0 ? [] : [{ host: member.name, steps: certificates }];
  });
  return lanes.length === 0 ? [] : [wave('bring certificates', lanes)];
}

function wave(title: string, lanes: Wave['lanes']): Wave {
  return { title, lanes, gate: [], undo: [] };
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
      const etcd = { ...found.etcd, healthy: true, members: found.etcd.members ?? found.belief };
      const expected = linked(cluster, afterStart({ ...found, etcd }, member, start));
      return [[member.name, expected] as const];
    }),
  );
}
