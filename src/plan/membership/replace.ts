import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { observed } from '../../observed/observed.ts';
import { forgetKeys, makeCertificates, planCertificates } from '../certificates/certificates.ts';
import { listsOf } from '../certificates/trust.ts';
import { narrowedTo } from '../converge-waves.ts';
import { type Decision, type DecisionOptions, decide } from '../decision.ts';
import { DISARM, disarmSteps } from '../disarm.ts';
import { readConf } from '../environment-file.ts';
import { recordLogs, recordWave } from '../incarnation.ts';
import { onHost } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { MemberPlan } from '../member.ts';
import { moveAside } from '../move-data-aside.ts';
import type { Plan, Wave } from '../plan.ts';
import { inGivenOrder, rolling, type Turn } from '../rolling.ts';
import { rewriteConf, when } from '../step-words.ts';
import { stopping } from '../together.ts';
import { unnoticed } from '../unnoticed.ts';
import { namesOf } from '../waves.ts';
import { dialStep, holdsPeerPort } from './dialling.ts';
import { exchangeMembers, isStartedToJoin, joinAnnounced, prepareNewcomers } from './join.ts';
import { retireHost, takeOut } from './leave.ts';
import {
  isWell,
  type ReplaceOptions,
  replaceRefusals,
  replacing,
  withoutFormerMember,
} from './replacing.ts';
import type { Replacing } from './replacing-state.ts';
import { retireByHand } from './retire-by-hand.ts';

/** What is asked of a replacement beside whom it is about. */
export type ReplacementOptions = ReplaceOptions &
  Required<Pick<DecisionOptions, 'freshToken' | 'allowDowntime'>>;

/**
 * Replaces one member by a new one of the same name: what it needs is brought, the former one leaves the list, what is left
 * on its host goes out of the way, and the new one joins as every newcomer does. Of the others nothing changes but, where the
 * new one is at another address, the list in their etcd.conf.
 */
export function planReplace(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: ReplacementOptions,
): Plan {
  const { member: name, freshToken, allowDowntime } = options;
  const refused = replaceRefusals(desired, facts, options);
  const place = replacing(desired, facts, name);
  if (refused.length > 0 || place === undefined) return refusedPlan(desired, refused);
  if (isWell(desired, facts, name) && !options.force)
    return planOf(desired, [], { notes: [nothingToReplace(desired, facts, name)] });
  const others = namesOf(desired).filter((other) => other !== name);
  const cleared = withoutFormerMember(facts, place);
  const decision = decide(desired, cleared, {
    ...{ freshToken, allowDowntime, addsMembers: true, without: others },
  });
  const own = decision.members.find((member) => member.name === name);
  if (decision.refusals.length > 0 || own === undefined)
    return refusedPlan(desired, decision.refusals);
  const meant = narrowedTo(desired, [name]);
  const left =
    place.formerAddress !== undefined && place.isListed
      ? [
          `${name} ran at ${place.formerAddress}; if that host is still there, type on it: ${retireByHand(desired, name, place.formerAddress)}`,
        ]
      : [];
  return planOf(
    decision.desired,
    [
      ...makeCertificates(meant, planCertificates(meant, cleared)),
      ...(place.isOccupied
        ? exchange(decision, facts, place, own)
        : [...takeFormerOut(decision, place), ...prepareNewcomers(decision)]),
      ...(place.isListed ? joinAnnounced(decision) : exchangeMembers(decision)),
      ...recordPlaces(decision, facts, name),
      ...recordWave(recordLogs(meant, cleared, () => isStartedToJoin(own))),
      ...forgetKeys(meant, facts),
    ],
    left.length > 0 ? { notes: left } : {},
  );
}

function nothingToReplace(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  name: string,
): string {
  const id = observed(desired, facts).members.find((member) => member.name === name)?.listed?.id;
  return `${name} answers, as member ${id}: nothing is to be replaced; with --force it is replaced although it answers`;
}

/** What comes before the new member joins: first what may fail without harm, then the former one goes. */
function exchange(
  decision: Decision,
  facts: ClusterFacts,
  place: Replacing,
  { prepare, server, tools }: MemberPlan,
): readonly Wave[] {
  const { desired } = decision;
  const { name, formerAddress } = place;
  const { unit } = desired;
  const others = desired.members.filter((member) => member.name !== name);
  const via = observed(decision.desired, decision.facts).contact?.name ?? '';
  const newcomer = desired.members.find((member) => member.name === name);
  const found = foundOf(facts, name);
  const because = 'another member takes its place';
  const bring = [
    ...(newcomer === undefined
      ? []
      : [dialStep(newcomer, others, { isTaken: holdsPeerPort(found, newcomer) })]),
    ...server,
    ...tools,
  ];
  const left = [
    ...when(found !== undefined && found.unit.active !== 'inactive', {
      ...{ kind: 'stop-unit', unit, because },
    }),
    ...when(found?.data !== undefined, { ...moveAside(desired, found), because }),
    ...prepare,
  ];
  const retire = formerAddress === undefined ? [] : [retireHost(desired, name, formerAddress)];
  return [
    ...unnoticed(`bring what ${name} needs`, [onHost(name, bring)]),
    ...takeFormerOut(decision, place),
    ...stopping(`retire the former host of ${name}`, [onHost(via, retire)]),
    ...stopping(`clear the place of ${name}`, [onHost(name, left)]),
  ];
}

/** The former member leaves the list, and its alarm with it: from then on the cluster takes writes again. */
function takeFormerOut(decision: Decision, { name, former, ended }: Replacing): readonly Wave[] {
  const via = observed(decision.desired, decision.facts).contact?.name ?? '';
  const because = 'another member takes its place';
  const others = namesOf(decision.desired).filter((other) => other !== name);
  const turn = (): Turn => ({
    title: former === undefined ? DISARM : `take the former ${name} out`,
    host: via,
    steps: [
      ...(former === undefined
        ? []
        : [takeOut(decision.desired, former, { member: name, via, because })]),
      ...disarmSteps(decision.desired, ended),
    ],
    undo: [],
    pointOfNoReturn: 'remove-member',
    ends: ended,
    ...(former && {
      gate: [{ kind: 'not-listed', members: others, member: `the former ${name}`, id: former.id }],
    }),
  });
  return rolling([{ name }], turn, { among: others, order: inGivenOrder });
}

/** The others' etcd.conf names where the new member is; nothing else about them is touched. */
function recordPlaces(
  { desired, boot }: Decision,
  facts: ClusterFacts,
  name: string,
): readonly Wave[] {
  const start = { token: boot.token, state: 'existing', ...listsOf(facts) } as const;
  const lanes = desired.members.flatMap((member) => {
    const there = foundOf(facts, member.name)?.conf?.content;
    const content = member.confFile(start);
    if (member.name === name || there === undefined || !differInPlaces(there, content)) return [];
    const because = `${name} is at another address; no restart is needed`;
    const step = rewriteConf(desired.paths.confFile, { content, before: there }, because);
    return [onHost(member.name, [step])];
  });
  return unnoticed(`record where ${name} is`, lanes);
}

/** Whether two etcd.conf differ in the list of members, and in nothing else. */
function differInPlaces(there: string, wanted: string): boolean {
  const [is, should] = [valuesBesidePlaces(there), valuesBesidePlaces(wanted)];
  return there !== wanted && is !== undefined && is === should;
}

function valuesBesidePlaces(content: string): string | undefined {
  const values = readConf(content)?.values;
  if (values === undefined) return undefined;
  return JSON.stringify([...values].filter(([key]) => key !== 'ETCD_INITIAL_CLUSTER'));
}
