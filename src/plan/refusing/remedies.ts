import type { DesiredMember } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { INVENTORY, onlyIf, provision, type Remedy, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';

const UP = provision('up', INVENTORY);

/**
 * Every remedy that a plan, `doctor` or `status` may offer, each with what must be true for it to do no harm. A test walks
 * them all.
 */
export const remedies = {
  /** `up`, where it has something to do that has not just failed. */
  up: () => onlyIf(remedy`${UP}`, { kind: 'upWouldAct' }),

  doctor: () => remedy`${provision('doctor', INVENTORY)} says why`,

  withoutLimit: (notAnswering: readonly string[]) =>
    remedy`name ${notAnswering.join(', ')} too, or leave --limit out`,

  /** The same command beside members that are away; what they would have to know is refused then. */
  goOnBeside: (
    command: readonly string[],
    away: readonly string[],
    operands: readonly string[] = [],
  ) =>
    onlyIf(
      remedy`do what is safe for the others now: ${provision(...command, INVENTORY, ...operands, '--without', away.join(','))}`,
      { kind: 'othersServe', members: away },
      ...(command[0] === 'maintain' ? [] : [{ kind: 'listAsWanted' } as const]),
    ),

  leaveOut: (name: string) => remedy`take ${name} out of the inventory`,

  /** Of a member that only the inventory has, told by what adds nobody itself, as a rotation. */
  joinByUp: (name: string) =>
    onlyIf(remedy`${UP} adds ${name} to the cluster`, { kind: 'allVotersAnswer' }),

  /** Of members whose data was found where the inventory has them, told by what moves nobody itself. */
  moveByUp: (names: readonly string[]) =>
    remedy`${UP} moves ${names.join(', ')} there, with ${names.length === 1 ? 'its' : 'their'} data; or put what it was back into the inventory`,

  /** Of a learner: it is promoted once it has caught up. */
  voteByUp: (name: string) =>
    onlyIf(remedy`${UP} gives ${name} its vote`, { kind: 'allVotersAnswer' }),

  /** Of a member that was removed: its former data is moved aside. Until it has started it counts as down, so all others must answer. */
  addWithoutData: (name: string) =>
    onlyIf(
      remedy`let ${name} join as a new member: ${provision('member', 'replace', INVENTORY, name)}`,
      { kind: 'othersAnswer', member: name },
      { kind: 'allVotersAnswer' },
    ),

  /** Of one that was added again, and whose former data lies in its place. */
  startWithoutData: (name: string) =>
    onlyIf(remedy`start it without that data: ${provision('member', 'replace', INVENTORY, name)}`, {
      kind: 'othersAllAnswer',
      member: name,
    }),

  nameStranger: ({ name, peerUrls }: Pick<EtcdMember, 'name' | 'peerUrls'>) =>
    remedy`put ${name || 'it'} with its address (${peerUrls.join(', ')}) into the inventory`,

  /**
   * Of members that the inventory does not name, all of them in one command, without which `up` would refuse: each by its id
   * where one of `members` has its name.
   */
  removeByUp: (
    strangers: readonly Pick<EtcdMember, 'name' | 'id'>[],
    { members }: { readonly members: readonly Pick<DesiredMember, 'name'>[] },
  ) => {
    const words = strangers
      .map(({ name, id }) => (isAmong(members, name) ? id : name || id))
      .toSorted();
    return onlyIf(
      remedy`if ${departure(strangers, words)}: ${provision('up', INVENTORY, '--remove', words.join(','))}`,
      { kind: 'quorumWithout', ids: strangers.map(({ id }) => id) },
    );
  },

  nameInInventory: () => remedy`put it into the inventory, then ${UP}`,

  renameByUp: (members: readonly string[]) =>
    remedy`take a drop-in that sets ETCD_NAME away; then ${UP} gives ${members.join(', ')} the name of the inventory again`,

  /** Of entries that the inventory does not tell apart. */
  seeEntries: () =>
    remedy`see what answers under each of them, and remove none that does: ${provision('etcdctl', INVENTORY, '--', 'member', 'list')}`,

  saveEach: (name: string | undefined) =>
    remedy`keep all members as they are, and save what ${name ?? 'each of them'} holds: ${provision('snapshot', 'save', INVENTORY, '--member', name ?? 'NAME')}`,

  /** Of members that no alarm names: the others give no snapshot. What they hold stays on their disks. */
  saveOf: (names: readonly string[]) => {
    const [first, ...others] = names;
    const likewise = others.length === 0 ? '' : ` (likewise ${others.join(', ')})`;
    return first === undefined
      ? remedy`keep all members as they are: stop none of them, and delete nothing`
      : remedy`keep all members as they are, and save what each of the others holds: ${provision('snapshot', 'save', INVENTORY, '--member', first)}${likewise}`;
  },

  compare: () =>
    remedy`${provision('doctor', INVENTORY)} compares what members hold, and says which one differs`,

  /** Of a member that has left while etcd called it corrupt. */
  disarmFormer: () =>
    onlyIf(
      remedy`when all members hold the same (${provision('doctor', INVENTORY)} compares them): ${provision('etcdctl', INVENTORY, '--', 'alarm', 'disarm')}`,
      { kind: 'allVotersAnswer' },
    ),

  /** Of the one member that etcd calls corrupt. */
  replaceCorrupt: (name: string, others: 'same' | 'not-compared') =>
    onlyIf(
      others === 'same'
        ? remedy`the others hold the same, so let ${name} begin again with that; its data is moved aside: ${provision('member', 'replace', INVENTORY, name)}`
        : remedy`if all others hold the same, which the command compares first, let ${name} begin again with that; its data is moved aside: ${provision('member', 'replace', INVENTORY, name)}`,
      { kind: 'othersAllAnswer', member: name },
    ),

  /** Of one that has a copy of another one's data, which is where the list of members has it. */
  replaceCopy: (name: string) =>
    onlyIf(
      remedy`what ${name} has is the copy: let it begin again with what the others hold; its data is moved aside: ${provision('member', 'replace', INVENTORY, name)}`,
      { kind: 'othersAllAnswer', member: name },
    ),

  /** Of one that etcd calls corrupt and that nobody can be held against, or that holds more. */
  replaceAllTheSame: (name: string) =>
    onlyIf(
      remedy`if what ${name} holds may be given up (it is moved aside, not deleted): ${provision('member', 'replace', INVENTORY, name, '--force')}`,
      { kind: 'othersAllAnswer', member: name },
    ),

  /** With authentication on, only a user with the role root is told. */
  listAlarms: () =>
    remedy`see of which member: ${provision('etcdctl', INVENTORY, '--', '--user', 'root', 'alarm', 'list')}`,

  /** Where everybody holds the same again, the log that is there may be taken for the member's own. */
  acceptLog: (name: string, path: string) =>
    onlyIf(
      remedy`when all members hold the same (${provision('doctor', INVENTORY)} compares them), accept the log it has: rm ${quote(path)} on ${name}, then: ${UP}`,
      { kind: 'allVotersAnswer' },
    ),

  mountDisk: (name: string) => remedy`mount the disk of ${name}, then: ${UP}`,

  mountOwnDisk: (name: string) => remedy`mount the disk that ${name} ran with last, then: ${UP}`,

  /** Of members that nobody finds where their data has them. */
  giveAddressesBack: (addresses: readonly string[]) =>
    remedy`if the hosts can have ${addresses.join(', ')} again for a while: give them back, there and in the inventory, and ${UP}; from there it moves members one after another, and they stay the same`,

  /** Of the same, where that network is gone. */
  restoreElsewhere: (name: string) =>
    onlyIf(
      remedy`if those are gone for good: ${provision('restore', INVENTORY, '--from-member', name)} makes a cluster of all members at the addresses of the inventory from what ${name} holds (it gets a new cluster id, so whatever watches or caches is to be restarted; all former data is moved aside)`,
      { kind: 'hasData', member: name },
    ),

  /** From a member that still has its data, where too few have for a quorum. */
  restoreFromMember: (name: string) =>
    onlyIf(
      remedy`with the quorum lost for good: ${provision('restore', INVENTORY, '--from-member', name)}`,
      { kind: 'quorumIsLost' },
      { kind: 'hasData', member: name },
    ),

  /** Of a member that is lost, and of one that is another machine now. */
  replaceMember: (name: string, when = `if ${name} is lost for good`) =>
    onlyIf(remedy`${when}: ${provision('member', 'replace', INVENTORY, name)}`, {
      kind: 'othersAllAnswer',
      member: name,
    }),

  /** One that answers still, which is replaced only where that is asked for. */
  replaceAnswering: (name: string, why: string) =>
    onlyIf(remedy`${why}: ${provision('member', 'replace', INVENTORY, name, '--force')}`, {
      kind: 'othersAllAnswer',
      member: name,
    }),

  /** The state in which nothing gets worse. */
  keepOthers: (name: string) =>
    onlyIf(
      remedy`while ${name} is away, keep the others running, and save what they hold: ${provision('snapshot', 'save', INVENTORY)}`,
      { kind: 'othersAnswer', member: name },
    ),

  startOthers: (name: string, unit: string, others: readonly string[]) =>
    onlyIf(
      remedy`without ${name}, start the others: systemctl start --no-block ${unit} on ${others.join(', ')}`,
      {
        kind: 'othersCanStart',
        member: name,
      },
    ),

  /** Of members whose data is sound, where the others' is not. */
  startWithout: (name: string, others: readonly string[]) =>
    onlyIf(
      remedy`without ${name}, start the others: ${provision('up', INVENTORY, '--limit', others.join(','))}`,
      { kind: 'othersCanStart', member: name },
    ),

  wipe: () =>
    onlyIf(
      remedy`give up what is there: ${provision('up', INVENTORY, '--wipe')} (moves it aside, deletes nothing)`,
      { kind: 'noKeysHere' },
    ),

  seeWhoAnswers: () =>
    remedy`find out which one is the cluster: ${provision('status', INVENTORY)} shows who answers; move nothing before`,

  putInventoryBack: () => remedy`put the former inventory back`,
} satisfies Readonly<Record<string, (...given: never[]) => Remedy>>;

function isAmong(members: readonly Pick<DesiredMember, 'name'>[], wanted: string): boolean {
  return members.some(({ name }) => name === wanted);
}

/** When members leave; of one that never started nobody knows a host. */
function departure(
  strangers: readonly Pick<EtcdMember, 'name'>[],
  words: readonly string[],
): string {
  if (strangers.every(({ name }) => name === ''))
    return `nobody is about to start ${words.join(', ')}`;
  return words.length === 1
    ? `${words.join(', ')} is to leave the cluster, or its host is gone for good`
    : `${words.join(', ')} are to leave the cluster, or their hosts are gone for good`;
}

/** Without a member, those whose data is sound start; where they are too few for a quorum, one of them is restored from. */
export function goOnWithout(name: string, sound: readonly string[]): readonly Remedy[] {
  const others = sound.filter((one) => one !== name);
  return [
    remedies.startWithout(name, others),
    ...others.map((other) => remedies.restoreFromMember(other)),
  ];
}
