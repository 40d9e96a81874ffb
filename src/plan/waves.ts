import type { DesiredCluster } from '../desired/cluster.ts';
import { leads } from '../etcd/leader.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { foundMembers, foundOf } from '../observed/found.ts';
import { observed } from '../observed/observed.ts';
import { allWell } from './gate.ts';
import type { MemberPlan } from './member.ts';
import type { Wave } from './plan.ts';
import type { StartedProgram, Step } from './step.ts';
import { listsOf } from './trust.ts';
import { undoRestart } from './undo-restart.ts';

/**
 * Members that do not run, or hang in their start, are brought up together, since each unit is Type=notify and one alone
 * waits for quorum (etcd-facts R8). Where nobody answers there is no quorum to keep, so new certificates travel along.
 */
export function together(
  cluster: DesiredCluster,
  members: readonly MemberPlan[],
  alive: boolean,
): readonly Wave[] {
  const starting = members.filter((member) => startsAnew(member, alive));
  const first = starting.find(({ name }) => name === askedFirst(cluster));
  const lanes = members
    .map((member) => ({ host: member.name, steps: startSteps(cluster, member, alive, first) }))
    .filter(({ steps }) => steps.length > 0);
  if (lanes.length === 0) return [];
  return [
    {
      title:
        starting.length === 0
          ? 'bring certificates'
          : `start ${names(starting)}${starting.length > 1 ? ' together' : ''}`,
      lanes,
      gate: allWell(cluster.members.map(({ name }) => name)),
      undo: [],
    },
  ];
}

/** Members that run and do not answer may be about to: nothing is changed before they do, and who never does is diagnosed. */
export function awaitSilent(cluster: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const { silent } = observed(cluster, facts);
  if (silent.length === 0) return [];
  const title =
    silent.length === cluster.members.length
      ? 'wait for quorum'
      : `wait for ${silent.map(({ name }) => name).join(', ')}`;
  return [{ title, lanes: [], gate: allWell(cluster.members.map(({ name }) => name)), undo: [] }];
}

/** Whether starting or restarting this member in the common wave takes nothing away from anybody. */
export function startsAnew(member: MemberPlan, alive: boolean): boolean {
  if (!member.running) return true;
  return !alive && !member.ready && touches(member);
}

/** Whom every other member asks first: peer URLs are asked in their order (etcdserver/cluster_util.go). */
function askedFirst({ members }: DesiredCluster): string | undefined {
  const [first] = members.toSorted((a, b) => (a.peerUrl < b.peerUrl ? -1 : 1));
  return first?.name;
}

function startSteps(
  cluster: DesiredCluster,
  member: MemberPlan,
  alive: boolean,
  first: MemberPlan | undefined,
): readonly Step[] {
  const { unit } = cluster;
  const program = startedProgram(cluster);
  if (!startsAnew(member, alive)) return alive ? [] : member.certificates;
  const empty = member.isEmpty ? { emptyStart: true as const } : {};
  return [
    ...(member.clear.length > 0 ? member.clear : member.prepare),
    // Whether the program runs on this host is known before anything else is changed there.
    ...member.server,
    ...member.configuration,
    ...member.certificates,
    ...member.link,
    ...(first === undefined || first === member || !member.asksPeers
      ? []
      : [
          {
            kind: 'await-peer',
            member: first.name,
            because: 'a peer that listens and does not answer yet costs a first start a second',
          } as const,
        ]),
    member.running
      ? {
          kind: 'restart-unit',
          unit,
          ...empty,
          because: member.restartBecause ?? 'it hangs in its start',
          program,
        }
      : { kind: 'start-unit', unit, ...empty, because: 'it does not run', program },
    ...member.tools,
    { kind: 'await-ready', unit, ...empty, because: 'ready means it had quorum once' },
  ];
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

/** What a running member does not notice is brought to all side by side; those unheard must answer then. */
export function prepareRunning(
  members: readonly MemberPlan[],
  alive: boolean,
  unheard: readonly string[],
): readonly Wave[] {
  const lanes = members
    .filter((member) => !startsAnew(member, alive))
    .map((member) => ({
      host: member.name,
      steps: [...member.prepare, ...member.server, ...member.tools],
    }))
    .filter(({ steps }) => steps.length > 0);
  return lanes.length === 0
    ? []
    : [{ title: 'bring programs', lanes, gate: allWell(unheard), undo: [] }];
}

/**
 * Whatever a running member could fail on is changed one member at a time, with a gate between; the leader comes last and
 * hands its office over first. `besides` names members that something else than their own files is to be done to.
 */
export function oneByOne(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  members: readonly MemberPlan[],
  besides: (member: string) => boolean = () => false,
): readonly Wave[] {
  const touched = members.filter(
    (member) => member.running && (touches(member) || besides(member.name)),
  );
  // Whoever does not answer has nothing to lose, and the gate behind it is what the others wait for.
  const rank = ({ name }: MemberPlan) => {
    const etcd = foundOf(facts, name)?.etcd;
    return etcd?.healthy === false ? 0 : leads(etcd?.status) ? 2 : 1;
  };
  const inOrder = touched.toSorted((a, b) => rank(a) - rank(b));
  return inOrder.map((member) => {
    const restart = restartSteps(cluster, member);
    const others = cluster.members.map(({ name }) => name).filter((name) => name !== member.name);
    return {
      title: restart.length > 0 ? `restart ${member.name}` : `change ${member.name}`,
      before: allWell(others),
      lanes: [
        {
          host: member.name,
          steps: [...member.certificates, ...member.link, ...member.configuration, ...restart],
        },
      ],
      gate: allWell(cluster.members.map(({ name }) => name)),
      undo: undoRestart(cluster, member, foundOf(facts, member.name)),
    };
  });
}

function restartSteps(
  cluster: DesiredCluster,
  { name, restartBecause }: MemberPlan,
): readonly Step[] {
  if (restartBecause === undefined) return [];
  const { unit } = cluster;
  return [
    ...(cluster.members.length > 1
      ? [
          {
            kind: 'yield-leadership',
            member: name,
            because: 'a leader that stops costs an election',
          } as const,
        ]
      : []),
    { kind: 'restart-unit', unit, because: restartBecause, program: startedProgram(cluster) },
    { kind: 'await-ready', unit, because: 'the next member may only stop when this one is back' },
  ];
}

/** After a first start nobody may start as `new` again: a member that lost its disk would make an empty cluster (etcd-facts R11). */
export function recordFormed(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  token: string,
): readonly Wave[] {
  const lists = listsOf(facts);
  const lanes = cluster.members.map((member) => {
    const path = cluster.paths.confFile;
    const before = member.confFile({ token, state: 'new', ...lists });
    const file = {
      path,
      content: member.confFile({ token, state: 'existing', ...lists }),
      mode: 0o644,
      owner: 'root:root',
    };
    const because = 'the cluster exists from now on; no restart is needed';
    return {
      host: member.name,
      steps: [{ kind: 'write-files', files: [{ file, before, because }], because } as const],
    };
  });
  return foundMembers(facts).length === 0
    ? []
    : [{ title: 'record that the cluster exists', lanes, gate: [], undo: [] }];
}

/** Stops every member, then moves all data aside; nothing is deleted. */
export function moveDataAside(cluster: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const { seen } = observed(cluster, facts);
  const running = seen.filter(({ runs }) => runs);
  const used = seen.filter(({ found }) => found.data !== undefined);
  const because = 'the data is given up (--wipe)';
  return [
    // One after another: stopped together, a leader waits seven seconds for somebody to hand its office to.
    ...running.map(({ name: host }) => ({
      title: `stop ${host}`,
      lanes: [{ host, steps: [{ kind: 'stop-unit' as const, unit: cluster.unit, because }] }],
      gate: [],
      undo: [],
    })),
    {
      title: 'move all data aside',
      lanes: used.map(({ name: host }) => ({
        host,
        steps: [{ kind: 'move-aside' as const, path: cluster.paths.data, because }],
      })),
      gate: [],
      undo: [],
    },
  ].filter(({ lanes }) => lanes.length > 0);
}

/** Starts a member with the program of the inventory. */
export function startStep(cluster: DesiredCluster, because: string): Step {
  return { kind: 'start-unit', unit: cluster.unit, because, program: startedProgram(cluster) };
}

/** What the unit runs once its link points where it should. */
export function startedProgram({ paths, version }: DesiredCluster): StartedProgram {
  return { path: `${paths.current}/etcd`, version };
}

function names(members: readonly MemberPlan[]): string {
  return members.map(({ name }) => name).join(', ');
}
