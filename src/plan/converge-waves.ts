import type { DesiredCluster } from '../desired/cluster.ts';
import { keepsTheirs } from '../facts/adopted.ts';
import type { MemberFacts } from '../facts/member.ts';
import { observed } from '../observed/observed.ts';
import { forgetKeys, makeCertificates } from './certificates/certificates.ts';
import { planConsumers } from './consumers.ts';
import { crashNotes } from './crash-notes.ts';
import { type Decision, unaskedMembers } from './decision.ts';
import { disarmFormer } from './disarm.ts';
import { recordLogs, recordWave } from './incarnation.ts';
import {
  comingMembers,
  exchangeMembers,
  isStartedToJoin,
  joinAnnounced,
  prepareNewcomers,
  recordJoined,
  servingMembers,
} from './membership/join.ts';
import { removeMembers } from './membership/leave.ts';
import { moveDataAside } from './move-data-aside.ts';
import { leaveFormerLink } from './ownership/former-link.ts';
import { pendingUnits } from './pending.ts';
import type { Plan, Wave } from './plan.ts';
import { bringBackMoved, movedAndNotAnswering, moveOf } from './readdressing/readdress.ts';
import { placesInSchedules } from './readdressing/schedule-places.ts';
import { dropInNotes } from './refusing/drop-ins.ts';
import { rollMembers } from './roll-members.ts';
import type { HostStep } from './step.ts';
import { clientPortNotes } from './switching/client-port-notes.ts';
import {
  awaitNotAnswering,
  namesOf,
  prepareRunning,
  recordFormed,
  startMembers,
  startsTogether,
} from './waves.ts';

export interface Scope {
  /** The one member or consumer that is touched, or the members; all of both where it is missing. */
  readonly only?: string | readonly string[];
  /** The members that alone will have a turn, by `--limit`: others stay where they are meanwhile. */
  readonly limit?: readonly string[] | undefined;
  /** Whose answers count. */
  readonly among?: readonly string[];
  /** What a turn is called. */
  readonly titleOf?: (member: string, isRestarted: boolean) => string;
  /** Who goes to another minor version, behind which nothing leads back. */
  readonly changesMinor?: (found: MemberFacts) => boolean;
  /** What is done right before members have their turns. */
  readonly ahead?: readonly Wave[];
  /** What running members do not notice has been brought to them by then. */
  readonly isPrepared?: boolean;
  /** What is done too where the first turn is taken back. */
  readonly undoFirst?: readonly HostStep[];
}

/** The waves that bring members and consumers to what was decided, in their order. */
export function convergeWaves(
  decision: Decision,
  {
    only,
    limit,
    among = namesOf({ members: servingMembers(decision) }),
    ahead = [],
    isPrepared = false,
    ...rolled
  }: Scope = {},
): Pick<Plan, 'waves' | 'notes'> {
  const { desired, facts, seen, wipe, boot, certificates, joining, leaving, alive } = decision;
  const meant = only === undefined ? desired : narrowedTo(desired, [only].flat());
  const isMeant = (host: string) => only === undefined || [only].flat().includes(host);
  const coming = new Set(comingMembers({ joining }).map(({ name }) => name));
  const announced = joining.flatMap(({ name, listed }) =>
    listed !== undefined && coming.has(name) ? [name] : [],
  );
  const moved = movedAndNotAnswering(decision).map(({ name }) => name);
  const members = decision.members.filter(
    ({ name }) => isMeant(name) && !coming.has(name) && !moved.includes(name),
  );
  const moves = decision.readdressed.length > 0 && {
    moveOf: (name: string, earlier: readonly string[]) =>
      moveOf(
        decision,
        name,
        [...moved, ...earlier].filter((one) => limit?.includes(one) ?? true),
      ),
  };
  const starts = startMembers(desired, members, alive, among);
  // Where nobody answers, every gate before it holds by then, and the certificates have been brought.
  const restarts = rollMembers(
    desired,
    seen,
    members.filter((member) => !startsTogether(member, alive)),
    { ...rolled, ...moves, withCertificates: alive, among: [...among, ...announced] },
  );
  const waits = typeof only !== 'string' && starts.length === 0 && !(alive && restarts.length > 0);
  // A learner that runs has a log already, which nobody has recorded yet.
  const isStarted = (name: string) =>
    decision.members.some(
      (member) =>
        member.name === name &&
        (coming.has(name) ? isStartedToJoin(member) : startsTogether(member, alive)),
    );
  const waves: readonly Wave[] = [
    ...(alive ? disarmFormer(decision, among) : []),
    ...makeCertificates(meant, certificates),
    ...(wipe ? moveDataAside(desired, facts) : []),
    ...(isPrepared
      ? []
      : prepareRunning(members, alive, alive ? unaskedMembers(seen, members) : [])),
    ...bringBackMoved(decision),
    ...starts,
    ...(waits
      ? awaitNotAnswering(
          desired,
          seen,
          among.filter((name) => !moved.includes(name)),
        )
      : []),
    // One that is down only costs the others slack; one that answers stays until those that join have joined.
    ...removeMembers(
      decision,
      leaving.filter(({ answers }) => !answers),
      among,
    ),
    ...prepareNewcomers(decision),
    // One that is in the list and down would have the quorum lost by the next restart.
    ...joinAnnounced(decision),
    ...ahead,
    ...restarts,
    ...exchangeMembers(decision),
    ...recordJoined(decision),
    ...(boot.formed ? [] : recordFormed(meant, seen, boot.token)),
    ...leaveFormerLink(meant, seen),
    ...placesInSchedules(desired, seen, isMeant),
    ...recordWave(recordLogs(meant, seen, isStarted)),
    ...planConsumers(meant, facts, certificates.reissued),
    ...forgetKeys(meant, facts),
  ];
  const notes = [
    ...crashNotes(decision),
    ...dropInNotes(desired, seen),
    ...clientPortNotes(decision),
    ...pending(decision),
  ];
  return { waves, ...(notes.length > 0 && { notes }) };
}

/** The cluster as far as some of its members and consumers go; what is the operator's own is not among it. */
export function narrowedTo(desired: DesiredCluster, only: readonly string[]): DesiredCluster {
  const isMeant = ({ name }: { readonly name: string }) => only.includes(name);
  return {
    ...desired,
    members: desired.members.filter(isMeant),
    consumers: desired.consumers.filter(isMeant),
    certificates: desired.certificates.filter(({ member, consumer }) => {
      const holder = member ?? consumer;
      return holder !== undefined && only.includes(holder);
    }),
  };
}

function pending({ desired, seen, members, alive }: Decision): readonly string[] {
  return pendingUnits(
    observed(desired, seen).members.flatMap(({ name, desired: { unitFile }, found }) => {
      const plan = members.find((member) => member.name === name);
      const isRestarted =
        plan?.restartBecause !== undefined || (plan && startsTogether(plan, alive));
      return isRestarted || keepsTheirs(found)
        ? []
        : [{ name, running: found?.unit.process, unitFile }];
    }),
  );
}
