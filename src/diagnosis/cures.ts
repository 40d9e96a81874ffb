import { remedies } from '../plan/refusing/remedies.ts';
import { migrateTo } from '../plan/switching/protocol.ts';
import {
  INVENTORY,
  type Offered,
  onlyIf,
  provision,
  type Remedy,
  remedy,
} from '../problem/remedy.ts';

const UP = provision('up', INVENTORY);
const STATUS = provision('status', INVENTORY);

/**
 * Every remedy of a diagnosis, each with what must be true for it to do no harm. A test walks them all, and holds that no
 * cause says what to do in any other way.
 */
export const cures = {
  /** Nothing that a command of ours does. */
  byHand: (what: string) => remedy`${what}`,

  /** What has to be done by hand before `up` can do the rest. */
  thenUp: (first: string) => remedy`${first}; then ${UP}`,

  /** `up`, where it would do something about this member. */
  up: (member: string, what?: string) =>
    onlyIf(what === undefined ? remedy`${UP}` : remedy`up ${what}: ${UP}`, {
      kind: 'upWouldAct',
      member,
    }),

  /** The same of a newcomer that cannot be added while a firewall is in the way. */
  openThenUp: (member: string) =>
    onlyIf(remedy`open the peer port in every firewall between them, both ways; then ${UP}`, {
      kind: 'upWouldAct',
      member,
    }),

  /** `up` looks at every host before it does anything. */
  onceReached: ({ parts }: Pick<Remedy, 'parts'>, members: readonly string[]): Offered => ({
    parts: [...parts, `, once ${members.join(', ')} can be reached`],
    requires: [],
  }),

  /** The way out of what keeps `up` from helping. */
  refusedNow: (why: string, { parts }: Pick<Remedy, 'parts'>): Offered => ({
    parts: [`up refuses now: ${why}; `, ...parts],
    requires: [],
  }),

  /** Of a host that cannot be reached, and may never be again. */
  otherMachine: (name: string) =>
    remedies.replaceMember(
      name,
      `if that machine is lost for good: put the address of another one into the inventory for ${name}, then`,
    ),

  /** The same with what else keeps it from helping. */
  refusedToo: (
    before: Pick<Remedy, 'parts'>,
    why: string,
    { parts }: Pick<Remedy, 'parts'>,
  ): Offered => ({
    parts: [...before.parts, `; up refuses this too: ${why}; `, ...parts],
    requires: [],
  }),

  /** One after the other. */
  andThen: (first: Pick<Remedy, 'parts'>, then: Pick<Remedy, 'parts'>): Offered => ({
    parts: [...first.parts, '; then ', ...then.parts],
    requires: [],
  }),

  /** What goes on after something that kept it from doing so. */
  plainUp: () => remedy`${UP}`,

  /** Of a program that does not read a log, while others run the one that does. */
  formerVersion: (member: string) =>
    onlyIf(
      remedy`set etcd.version to what the other members run; then ${UP} puts that program back on ${member} and starts it; with the later version in etcd.version after that, ${UP} has all members begin new logs first`,
      { kind: 'othersAnswer', member },
    ),

  /** The same by hand. A program that is too old for the data ends without having changed it. */
  formerProgram: () =>
    remedy`if no member answers: on each host that says so start the version again that ran before (as up brings it: ls /opt/etcd; ln -sfn /opt/etcd/VERSION /opt/etcd/etcd; systemctl restart --no-block etcd), which reads this log; then ${UP} with that one in etcd.version, and after that with the later one`,

  start: (unit: string) => remedy`on that host: systemctl start --no-block ${unit}`,

  /** `up` does the same, and more where there is more to do. */
  enable: (unit: string, members: readonly string[]) =>
    remedy`systemctl enable ${unit} on ${members.join(', ')}; ${UP} does it too`,

  readLog: (member: string, unit: string) =>
    remedy`up would change nothing on ${member} that it has not tried; see its log: journalctl --unit ${unit} --lines 50 on that host`,

  /** No precondition: what a diagnosis holds remedies against says nothing of programs that are to be brought. */
  bringTool: () => remedy`up brings etcdctl again, without a restart: ${UP}`,

  /** The same of etcd itself. */
  bringProgram: (version: string) => remedy`up brings etcd ${version} there again: ${UP}`,

  onePki: () => remedy`all members need certificates from one PKI store: ${UP} from there`,

  compareMembers: () => remedy`compare the list of members with the inventory: ${STATUS}`,

  whoSaysWhat: () => remedy`peer URLs live in the members’ data: see ${STATUS} for who says what`,

  readLines: () => remedy`read these lines; if they do not help: ${STATUS}`,

  /** etcd's own order: space is made by compaction, given back by defragmentation, and only then may the alarm go. */
  disarm: () =>
    remedy`compact, defragment one member after another, and disarm it: ${provision('maintain', 'space', INVENTORY)}`,

  disarmOnly: () => remedy`disarm it: ${provision('maintain', 'alarms', INVENTORY, '--disarm')}`,

  /** A member whose own data is of no use while all others answer. */
  replace: (member: string) => remedies.replaceMember(member, 'the others hold its data'),

  /** One that may be mounted still. */
  replaceLost: (member: string) => remedies.replaceMember(member),

  /** The same while only enough of the others for a quorum answer, and where nobody is replaced yet. */
  keepOthers: (member: string) => remedies.keepOthers(member),

  /** The same while the others do not answer, but could. */
  startOthers: (member: string) =>
    onlyIf(
      remedy`start the others first, which hold its data; leave the data directory of ${member} as it is until they answer`,
      { kind: 'othersCanStart', member },
    ),

  restoreFromMember: (member: string) =>
    onlyIf(
      remedy`${provision('restore', INVENTORY, '--from-member', member)}`,
      { kind: 'quorumIsLost' },
      { kind: 'hasData', member },
    ),

  restoreFromSnapshot: () =>
    onlyIf(
      remedy`look for disks that are not mounted; else restore a snapshot: ${provision('restore', INVENTORY, '--from', 'SNAPSHOT')}`,
      { kind: 'quorumIsLost' },
    ),

  watchRun: () =>
    remedy`see whether it gives signs of life: ${provision('lock', 'status', INVENTORY)}`,

  /** Of a run that was cut off, where up has something to do. */
  finishRun: () => remedy`see what is left: ${provision('plan', INVENTORY)}; finish it: ${UP}`,

  /** Of a run that only its own command finishes. */
  sameAgain: (words: readonly string[]) =>
    remedy`if it is still wanted, type the same again, with what was given: ${provision(...words, INVENTORY)}`,

  /** Of a `down` that was cut off: `up` would be the opposite of what was asked for. */
  finishDown: () =>
    remedy`if the cluster is still to be stopped, type the same again, with --purge if it was given: ${provision('down', INVENTORY)}`,

  finishPurge: () =>
    remedy`if the cluster is still to be removed: ${provision('down', INVENTORY, '--purge')}`,

  finishSwitch: (to: 'http' | 'https') =>
    remedy`finish that: ${migrateTo(to, '--via', 'snapshot')}; or see what up would do instead: ${provision('plan', INVENTORY)}`,

  /** Nothing else may be done before a restore that was begun has an end. */
  afterThat: () => remedy`finish or undo that`,
} satisfies Readonly<Record<string, (...given: never[]) => Remedy>>;

/** What to do with a member whose own data is of no use. */
export function replacing(member: string): readonly Remedy[] {
  return [cures.replace(member), cures.keepOthers(member), cures.startOthers(member)];
}
