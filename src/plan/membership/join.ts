import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { hasLearners } from '../../etcd/versions.ts';
import { keepsTheirs } from '../../facts/adopted.ts';
import { foundOf } from '../../observed/found.ts';
import { observed } from '../../observed/observed.ts';
import { listAccess, logOf } from '../carried.ts';
import { listsOf } from '../certificates/trust.ts';
import type { Decision } from '../decision.ts';
import { onHost } from '../lane.ts';
import type { MemberPlan } from '../member.ts';
import { moveAside } from '../move-data-aside.ts';
import type { Wave } from '../plan.ts';
import { inGivenOrder, rolling, type Turn } from '../rolling.ts';
import type { HostStep } from '../step.ts';
import { rewriteConf } from '../step-words.ts';
import { whileStopped } from '../together.ts';
import { unnoticed } from '../unnoticed.ts';
import { namesOf, settingSteps } from '../waves.ts';
import { dialStep } from './dialling.ts';
import { exchangeOrder, type Joining, namedUntilJoined } from './joining.ts';
import { removalTurn } from './leave.ts';

/** The members of the inventory that take part in the cluster already, or without whom nobody answers. */
function presentMembers({ desired, joining }: Pick<Decision, 'desired' | 'joining'>) {
  const coming = new Set(comingMembers({ joining }).map(({ name }) => name));
  return desired.members.filter(({ name }) => !coming.has(name));
}

/** Those whose answers count before anybody comes or goes: members that take part, and those that are to leave. */
export function servingMembers(
  decision: Pick<Decision, 'desired' | 'facts' | 'joining'>,
): readonly DesiredMember[] {
  const { desired, facts } = decision;
  const outgoing = observed(desired, facts).outgoing.filter(({ answers }) => answers);
  return [...presentMembers(decision), ...outgoing.map((one) => one.desired)];
}

/** Those that join one after another, while the others answer. */
export function comingMembers({ joining }: Pick<Decision, 'joining'>): readonly Joining[] {
  return joining.filter(({ isNeeded }) => !isNeeded);
}

/** What is brought to newcomers side by side, before the first of them joins: nobody else notices. */
export function prepareNewcomers({ joining, members }: Decision): readonly Wave[] {
  const coming = comingMembers({ joining });
  const lanes = members
    .filter(({ name }) => coming.some((one) => one.name === name))
    .map(({ name, running, clear, prepare, server, tools }) => {
      const place = running || clear.length === 0 ? prepare : clear;
      return onHost(name, [...place, ...server, ...tools]);
    })
    .filter(({ steps }) => steps.length > 0);
  return whileStopped(`bring programs to ${lanes.map(({ host }) => host).join(', ')}`, lanes);
}

/** Members that the list has already join one after another: each is started, and given its vote. */
export function joinAnnounced(decision: Decision): readonly Wave[] {
  const { joining } = decision;
  const announced = comingMembers({ joining }).filter(({ listed }) => listed !== undefined);
  const serving = servingMembers(decision);
  const besideOf = (one: Joining) => [
    ...serving,
    ...announced.slice(0, announced.indexOf(one)).map((other) => other.desired),
  ];
  return rolling(announced, (one) => joinTurn(decision, one, besideOf(one)), {
    among: (one) => [...namesOf({ members: besideOf(one) }), one.name],
    order: inGivenOrder,
  });
}

/**
 * Members that the list does not have come, and members that are to leave go, in turns: the list has never more than one too
 * many.
 */
export function exchangeMembers(decision: Decision): readonly Wave[] {
  const { desired, facts, joining, leaving } = decision;
  const isNew = ({ listed }: Joining) => listed === undefined;
  const coming = comingMembers({ joining });
  const before = [...servingMembers(decision), ...coming.filter((one) => !isNew(one)).map(own)];
  const order = exchangeOrder(desired, facts, coming.filter(isNew), leaving);
  const turns = order.map((one, at) => {
    const past = order.slice(0, at + 1);
    const gone = past.flatMap((other) => ('going' in other ? [other.going.entry.name] : []));
    const come = order
      .slice(0, at)
      .flatMap((other) => ('coming' in other ? [other.coming.desired] : []));
    const beside = [...before, ...come].filter(({ name }) => !gone.includes(name));
    const name = 'coming' in one ? one.coming.name : one.going.entry.id;
    return { ...one, name, beside };
  });
  const turnOf = (one: (typeof turns)[number]): Turn =>
    'coming' in one
      ? joinTurn(decision, one.coming, one.beside)
      : removalTurn(
          desired,
          one.going,
          asked(decision, one.beside) ?? '',
          namesOf({ members: one.beside }),
        );
  return rolling(turns, turnOf, {
    among: ({ beside, ...one }) => [
      ...namesOf({ members: beside }),
      ...('coming' in one ? [one.name] : []),
    ],
    order: inGivenOrder,
  });
}

function own({ desired }: Joining): DesiredMember {
  return desired;
}

/**
 * One member joins: it is brought its files, seen to reach the others, added without a vote where the version can, started,
 * and given its vote once it has caught up. One that does not come up is taken back, and the cluster is what it was.
 */
function joinTurn(decision: Decision, one: Joining, beside: readonly DesiredMember[]): Turn {
  const { desired, members } = decision;
  const plan = members.find(({ name }) => name === one.name);
  const via = asked(decision, beside);
  const { name: member, desired: place } = one;
  const all = [...namesOf({ members: beside }), member];
  return {
    title: `add ${member}`,
    ...(plan === undefined || via === undefined
      ? { steps: [], undo: [] }
      : {
          steps: joinSteps(decision, one, plan, beside, via),
          undo: withdrawal(decision, one, via),
        }),
    undone: namesOf({ members: beside }),
    // Who has a vote and has started may hold what the others count on: it is a member from then on.
    pointOfNoReturn: hasLearners(desired.version) ? 'promote-member' : 'await-joined',
    gate: [{ kind: 'listed-as', members: all, member, peerUrls: [place.peerUrl] }],
  };
}

/** Through whom the list is changed: the leader where it stays so long, else one that answers, or one that does so by then. */
function asked(
  { desired, facts }: Pick<Decision, 'desired' | 'facts'>,
  beside: readonly DesiredMember[],
): string | undefined {
  const { leader, answers, outgoing, members } = observed(desired, facts);
  const known = [
    ...(leader === undefined ? [] : [leader]),
    ...answers,
    ...outgoing.filter((one) => one.answers),
    ...members.filter(({ runs }) => runs),
  ];
  const names = namesOf({ members: beside });
  return known.find(({ name }) => names.includes(name))?.name ?? names[0];
}

function joinSteps(
  { desired }: Decision,
  { name, desired: member, listed, hasLog, startsWith }: Joining,
  plan: MemberPlan,
  beside: readonly DesiredMember[],
  via: string,
): readonly HostStep[] {
  const { peerUrl } = member;
  const asLearner = hasLearners(desired.version);
  const urls = startsWith.map((one) => one.peerUrl).filter((url) => url !== peerUrl);
  const list = listAccess(desired);
  const vote = { kind: 'promote-member', member: name, peerUrl, via, list } as const;
  return [
    ...settingSteps(plan, plan.certificates),
    ...(listed === undefined
      ? [
          dialStep(member, beside),
          {
            ...({
              kind: 'add-member',
              member: name,
              peerUrl,
              asLearner,
              beside: urls,
              via,
              list,
            } as const),
            because: 'the inventory names it, and the cluster does not have it',
          },
        ]
      : []),
    ...startOf(desired, plan, hasLog),
    ...(asLearner && (listed === undefined || listed.isLearner)
      ? [{ ...vote, because: 'without a vote it takes part in nothing' }]
      : []),
  ];
}

/** Whether one that joins is started by that, or runs already and only receives its vote. */
export function isStartedToJoin({
  running,
  restartBecause,
}: Pick<MemberPlan, 'running' | 'restartBecause'>): boolean {
  return !running || restartBecause !== undefined;
}

function startOf(
  { name, unit, paths }: DesiredCluster,
  { running, restartBecause, program, moves }: MemberPlan,
  hasLog: boolean,
): readonly HostStep[] {
  if (!isStartedToJoin({ running, restartBecause })) return [];
  const empty = {
    ...(!hasLog && { emptyStart: true as const }),
    ...(moves && { moves }),
  };
  const tried = program && { program };
  const because = 'it receives what the cluster holds first';
  return [
    running
      ? { kind: 'restart-unit', unit, ...tried, ...empty, because: restartBecause ?? '' }
      : { kind: 'start-unit', unit, ...tried, ...empty, because: 'it does not run' },
    {
      ...{ kind: 'await-joined', unit, ...empty, because },
      ...{ log: logOf({ name, paths }), data: paths.data },
    },
  ];
}

/** Takes back a member that was added by this wave and did not come up. */
function withdrawal(
  { desired }: Decision,
  { name, desired: { peerUrl }, listed }: Joining,
  via: string,
): readonly HostStep[] {
  if (listed !== undefined) return [];
  const { unit, paths } = desired;
  const because = 'it did not join';
  return [
    { kind: 'withdraw-member', member: name, peerUrl, via, list: listAccess(desired), because },
    { kind: 'stop-unit', unit, because },
    { ...moveAside(desired), because },
    // What is left would make it a member that has lost its data.
    { kind: 'remove', paths: [paths.confFile, paths.unitFile], because },
  ];
}

/** Once all have joined, everybody's etcd.conf names them all; etcd does not read the list any more. */
export function recordJoined({
  desired,
  facts,
  boot,
  joining,
  members,
}: Decision): readonly Wave[] {
  if (joining.length === 0) return [];
  const start = { token: boot.token, state: 'existing', ...listsOf(facts) } as const;
  const lanes = desired.members.flatMap((member) => {
    const initialCluster = namedUntilJoined(desired, joining, member.name);
    const content = member.confFile(start);
    if (initialCluster === undefined || !members.some(({ name }) => name === member.name))
      return [];
    if (keepsTheirs(foundOf(facts, member.name))) return [];
    const former = member.confFile({ ...start, initialCluster });
    if (former === content) return [];
    const because = 'others have joined; no restart is needed';
    const step = rewriteConf(desired.paths.confFile, { content, before: former }, because);
    return [onHost(member.name, [step])];
  });
  return unnoticed('record who has joined', lanes);
}
