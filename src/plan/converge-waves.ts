import { observed } from '../observed/observed.ts';
import type { DesiredCertificate } from '../pki/desired-certificate.ts';
import { forgetKeys } from './certificates.ts';
import { clientPortNotes } from './client-port-notes.ts';
import { planConsumers } from './consumers.ts';
import { type Decision, unheard } from './decision.ts';
import { dropInNotes } from './drop-ins.ts';
import { leaveFormerLink } from './former-link.ts';
import { recordLogs } from './incarnation.ts';
import {
  comingMembers,
  joinMembers,
  prepareNewcomers,
  presentMembers,
  recordJoined,
} from './join.ts';
import { removeMembers } from './leave.ts';
import { pendingUnits } from './pending.ts';
import { HERE, type Lane, type Plan, type Wave } from './plan.ts';
import {
  awaitNotAnswering,
  moveDataAside,
  namesOf,
  prepareRunning,
  recordFormed,
  rollMembers,
  startMembers,
  startsTogether,
} from './waves.ts';

export interface Scope {
  /** The one member or consumer that is touched, or the members; all of both where it is missing. */
  readonly only?: string | readonly string[];
  /** Whose answers count. */
  readonly among?: readonly string[];
  /** What a turn is called. */
  readonly titleOf?: (member: string, isRestarted: boolean) => string;
}

/** The waves that bring members and consumers to what was decided, in their order. */
export function convergeWaves(
  decision: Decision,
  { only, among = namesOf({ members: presentMembers(decision) }), titleOf }: Scope = {},
): Pick<Plan, 'waves' | 'notes'> {
  const { desired, facts, seen, wipe, boot, certificates, joining, leaving, alive } = decision;
  const isMeant = (host: string) => only === undefined || [only].flat().includes(host);
  const coming = new Set(comingMembers({ joining }).map(({ name }) => name));
  const announced = joining.flatMap(({ name, listed }) =>
    listed !== undefined && coming.has(name) ? [name] : [],
  );
  const members = decision.members.filter(({ name }) => isMeant(name) && !coming.has(name));
  const starts = startMembers(desired, members, alive, among);
  // Where nobody answers, every gate before it holds by then, and the certificates have been brought.
  const restarts = rollMembers(
    desired,
    seen,
    members.filter((member) => !startsTogether(member, alive)),
    { withCertificates: alive, among: [...among, ...announced], ...(titleOf && { titleOf }) },
  );
  const waits = typeof only !== 'string' && starts.length === 0 && !(alive && restarts.length > 0);
  const isStarted = (name: string) =>
    coming.has(name) ||
    members.some((member) => member.name === name && startsTogether(member, alive));
  const ofMeant = (some: readonly Wave[]) => some.flatMap((wave) => waveOf(wave, isMeant));
  const isOfMeant = ({ member, consumer }: DesiredCertificate) =>
    isMeant(member ?? consumer ?? HERE);
  const waves: readonly Wave[] = [
    ...certificates.waves.flatMap((wave) => waveOf(wave, (host) => host === HERE || isMeant(host))),
    ...(wipe ? moveDataAside(desired, facts) : []),
    ...prepareRunning(members, alive, alive ? unheard(seen, members) : []),
    ...starts,
    ...(waits ? awaitNotAnswering(desired, seen, among) : []),
    // One that is down only costs the others slack; one that answers stays until those that join have joined.
    ...removeMembers(
      decision,
      leaving.filter(({ answers }) => !answers),
      among,
    ),
    ...prepareNewcomers(decision),
    // One that is in the list and down would have the quorum lost by the next restart.
    ...joinMembers(decision, 'announced'),
    ...restarts,
    ...joinMembers(decision, 'new'),
    ...recordJoined(decision),
    ...removeMembers(
      decision,
      leaving.filter(({ answers }) => answers),
      namesOf(desired),
    ),
    ...ofMeant(boot.formed ? [] : recordFormed(desired, seen, boot.token)),
    ...ofMeant(leaveFormerLink(desired, seen)),
    ...recordWave(recordLogs(desired, seen, isStarted).filter(({ host }) => isMeant(host))),
    ...ofMeant(planConsumers(desired, facts, certificates.reissued)),
    ...forgetKeys({ ...desired, certificates: desired.certificates.filter(isOfMeant) }, facts),
  ];
  const notes = [...dropInNotes(desired, seen), ...clientPortNotes(decision), ...pending(decision)];
  return { waves, ...(notes.length > 0 && { notes }) };
}

/** A wave on the hosts that are meant; none where nothing is left. */
function waveOf(wave: Wave, isMeant: (host: string) => boolean): readonly Wave[] {
  const lanes = wave.lanes.filter(({ host }) => isMeant(host));
  return lanes.length === 0 ? [] : [{ ...wave, lanes }];
}

function pending({ desired, seen, members, alive }: Decision): readonly string[] {
  return pendingUnits(
    observed(desired, seen).members.flatMap(({ name, desired: { unitFile }, found }) => {
      const plan = members.find((member) => member.name === name);
      const isRestarted =
        plan?.restartBecause !== undefined || (plan && startsTogether(plan, alive));
      return isRestarted ? [] : [{ name, running: found?.unit.process, unitFile }];
    }),
  );
}

function recordWave(lanes: readonly Lane[]): readonly Wave[] {
  return lanes.length === 0 ? [] : [{ title: 'record the logs', lanes, gate: [], undo: [] }];
}
