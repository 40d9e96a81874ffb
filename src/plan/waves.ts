import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { foundMembers } from '../observed/found.ts';
import { observed } from '../observed/observed.ts';
import type { StartedProgram } from './carried.ts';
import { listsOf } from './certificates/trust.ts';
import { allWell } from './gate.ts';
import { onHost } from './lane.ts';
import { type MemberPlan, removeFormer } from './member.ts';
import type { Wave } from './plan.ts';
import type { HostStep } from './step.ts';
import { awaitReady, rewriteConf, when, yieldStep } from './step-words.ts';
import { together } from './together.ts';
import { unnoticed, waiting } from './unnoticed.ts';

/**
 * Members that do not run, or hang in their start, are brought up together, since each unit is Type=notify and one alone
 * waits for quorum (etcd-facts R8). Where nobody answers there is no quorum to keep, so new certificates travel along.
 */
export function startMembers(
  cluster: DesiredCluster,
  members: readonly MemberPlan[],
  alive: boolean,
  among: readonly string[] = namesOf(cluster),
): readonly Wave[] {
  const starting = members.filter((member) => startsTogether(member, alive));
  const asked = askedFirst(cluster);
  const first = starting.some(({ name }) => name === asked?.name) ? asked : undefined;
  const lanes = members.map((member) =>
    onHost(
      member.name,
      startsTogether(member, alive)
        ? startSteps(cluster, member, { first, certificates: member.certificates })
        : alive
          ? []
          : member.certificates,
    ),
  );
  return together(startTitle(starting), lanes, { among });
}

/** What a common start of these members is called. */
export function startTitle(members: readonly Pick<MemberPlan, 'name'>[]): string {
  if (members.length === 0) return 'bring certificates';
  const names = members.map(({ name }) => name).join(', ');
  return `start ${names}${members.length > 1 ? ' together' : ''}`;
}

/** Members that run and do not answer may be about to: nothing is changed before they do, and who never does is diagnosed. */
export function awaitNotAnswering(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  among: readonly string[] = namesOf(cluster),
): readonly Wave[] {
  const missing = observed(cluster, facts).notAnswering.filter(({ name }) => among.includes(name));
  if (missing.length === 0) return [];
  const title =
    missing.length === among.length
      ? 'wait for quorum'
      : `wait for ${missing.map(({ name }) => name).join(', ')}`;
  return waiting(title, among);
}

/** Whether starting or restarting this member in the common wave takes nothing away from anybody. */
export function startsTogether(member: MemberPlan, alive: boolean): boolean {
  if (!member.running) return true;
  return !alive && !member.ready && touches(member);
}

/** The member that every other one asks first: peer URLs are asked in their order (etcdserver/cluster_util.go). */
function askedFirst({ members }: DesiredCluster): DesiredMember | undefined {
  const [first] = members.toSorted((a, b) => (a.peerUrl < b.peerUrl ? -1 : 1));
  return first;
}

interface Start {
  /** The member that others give time to answer at its peer port. */
  readonly first?: DesiredMember | undefined;
  readonly certificates?: readonly HostStep[];
  /** Why it is restarted; one that does not run is started otherwise. */
  readonly restartBecause?: string;
}

/** Everything one member needs to start beside others, in its order. */
export function startSteps(
  cluster: DesiredCluster,
  member: MemberPlan,
  { first, certificates = [], ...start }: Start,
): readonly HostStep[] {
  const { unit } = cluster;
  const { program } = member;
  const empty = member.isEmpty ? { emptyStart: true as const } : {};
  const check = {
    ...(member.v2Check && { v2Check: member.v2Check }),
    ...(member.moves && { moves: member.moves }),
  };
  // What is brought right before a first start was tried when it arrived.
  const isTried = member.isEmpty && member.server.length > 0;
  const tried = !isTried && program !== undefined && { program };
  const restartBecause =
    start.restartBecause ??
    (member.running ? (member.restartBecause ?? 'it hangs in its start') : undefined);
  return [
    ...bringSteps(member, certificates),
    ...(first === undefined || first.name === member.name || !member.asksPeers
      ? []
      : [
          {
            ...({ kind: 'await-peer', member: first.name, listener: first.listener } as const),
            because: 'a peer that listens and does not answer yet costs a first start a second',
          },
        ]),
    restartBecause === undefined
      ? { kind: 'start-unit', unit, ...empty, because: 'it does not run', ...tried, ...check }
      : { ...restartStep(cluster, program, restartBecause, member), ...empty },
    ...member.tools,
    { ...awaitReady(cluster, 'ready means it had quorum once'), ...empty },
    ...removeFormer(member.former),
  ];
}

/** Everything a member must have before it starts, in its order. */
function bringSteps(member: MemberPlan, certificates: readonly HostStep[]): readonly HostStep[] {
  return [
    ...(member.clear.length > 0 ? member.clear : member.prepare),
    // Whether the program runs on this host is known before anything else is changed there.
    ...member.server,
    ...settingSteps(member, certificates),
  ];
}

/** Those of them that decide how it starts. */
export function settingSteps(
  { configuration, link }: Pick<MemberPlan, 'configuration' | 'link'>,
  certificates: readonly HostStep[],
): readonly HostStep[] {
  return [...configuration, ...certificates, ...link];
}

/** Whether a running member has anything to be changed that it could fail on. */
export function touches(member: MemberPlan): boolean {
  return (
    member.certificates.length > 0 ||
    member.link.length > 0 ||
    member.configuration.length > 0 ||
    member.restartBecause !== undefined
  );
}

/** What a running member does not notice is brought to all side by side; those that could not be asked must answer then. */
export function prepareRunning(
  members: readonly MemberPlan[],
  alive: boolean,
  unasked: readonly string[],
  title = 'bring programs',
): readonly Wave[] {
  const lanes = members
    .filter((member) => !startsTogether(member, alive))
    .map((member) => onHost(member.name, [...member.prepare, ...member.server, ...member.tools]));
  return unnoticed(title, lanes, allWell(unasked));
}

/** What is done to a member while it is stopped. */
type Stopped = Pick<MemberPlan, 'v2Check' | 'handover' | 'moves' | 'former'>;

function restartStep(
  { unit }: DesiredCluster,
  program: StartedProgram | undefined,
  because: string,
  { v2Check, handover, moves }: Stopped,
) {
  const meanwhile = {
    ...(v2Check && { v2Check }),
    ...(handover && { handover }),
    ...(moves && { moves }),
  };
  const tried = program && { program };
  return { kind: 'restart-unit', unit, because, ...tried, ...meanwhile } as const;
}

/** Restarts a member, which has handed its leadership over by then. */
export function restartSteps(
  cluster: DesiredCluster,
  program: StartedProgram | undefined,
  because: string,
  stopped: Stopped = {},
): readonly HostStep[] {
  return [
    restartStep(cluster, program, because, stopped),
    awaitReady(cluster, 'the next member may only stop when this one is back'),
    ...removeFormer(stopped.former),
  ];
}

/** Has a member hand its leadership over, where there is another one. */
export function yieldSteps(
  cluster: DesiredCluster,
  except: readonly string[] = [],
): readonly HostStep[] {
  const because = 'a leader that stops costs an election';
  return when(cluster.members.length > 1, yieldStep(cluster, because, except));
}

/** After a first start nobody may start as `new` again: a member that lost its disk would make an empty cluster (etcd-facts R11). */
export function recordFormed(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  token: string,
): readonly Wave[] {
  const lists = listsOf(facts);
  const lanes = cluster.members.map((member) => {
    const before = member.confFile({ token, state: 'new', ...lists });
    const content = member.confFile({ token, state: 'existing', ...lists });
    const because = 'the cluster exists from now on; no restart is needed';
    const step = rewriteConf(cluster.paths.confFile, { content, before }, because);
    return onHost(member.name, [step]);
  });
  return foundMembers(facts).length === 0 ? [] : unnoticed('record that the cluster exists', lanes);
}

/** The members' names. */
export function namesOf({ members }: Pick<DesiredCluster, 'members'>): readonly string[] {
  return members.map(({ name }) => name);
}
