import { alarmsTold, readAlarms } from '../etcd/alarms.ts';
import { changesMinor } from '../etcd/upgrade-path.ts';
import { askClusterVersion } from '../facts/ask-cluster-version.ts';
import { askByHost } from '../facts/etcd/ask-by-host.ts';
import { askGateway, isNamed } from '../facts/etcd/ask-gateway.ts';
import type { EtcdFact } from '../facts/etcd/etcd.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { askedBy, type Gate } from '../plan/gate.ts';
import type { PlannedMember } from '../plan/planned-cluster.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { pause } from './pause.ts';
import { askLinks } from './peer-connectivity.ts';
import { type GateContext, hostOf } from './step-context.ts';

/** Members that did not answer as they must, or not in time. */
export class Unanswered extends Failure {
  override readonly name = 'Unanswered';
}

const PAUSE = 200;

/** What a member says of itself, and the peers it reaches, by id or by name, where that is known. */
export type GateFact = EtcdFact & {
  readonly links?: ReadonlySet<string> | undefined;
  /** The version that all members can work with, as it says: `3.5.0`. */
  readonly clusterVersion?: string | undefined;
};

type Answers = ReadonlyMap<string, GateFact>;

/**
 * Waits until all questions are answered yes, from fresh answers of everybody they ask. Throws Unanswered with what is not
 * so after the run's timeout, or a Failure where that would never change.
 */
export async function awaitGates(
  gates: readonly Gate[],
  site: GateContext,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + site.timeout * 1000;
  const names = askedBy(gates);
  for (;;) {
    const told = await askMembers(names, site, furtherFor(gates));
    const doubts = whyNotOpen(gates, told);
    if (doubts.length === 0) return;
    refuseLearner(told, site.desired.name);
    if (Date.now() > until) {
      throw new Unanswered('failed', `${site.desired.name}: ${doubts.join('; ')}`, {
        // The diagnosis says what to do.
        next: [],
      });
    }
    await pause(PAUSE, signal);
  }
}

/** Why the next wave must not begin; empty when it may. Who does not answer is all that is said where anybody does not. */
export function whyNotOpen(gates: readonly Gate[], told: Answers): readonly string[] {
  const notAnswering = complaintsOf(only(askedBy(gates), told));
  return notAnswering.length > 0
    ? notAnswering
    : gates.flatMap((gate) => doubtsOf(gate, only(gate.members, told)));
}

function only(names: readonly string[], told: Answers): Answers {
  return new Map([...told].filter(([name]) => names.includes(name)));
}

function doubtsOf(gate: Gate, members: Answers): readonly string[] {
  switch (gate.kind) {
    case 'members-agree':
      return [...disagreement(members), ...unlinked(members)];
    case 'caught-up': {
      const applied = [...members.values()].flatMap(({ status }) => status?.raftAppliedIndex ?? []);
      return Math.max(...applied) - Math.min(...applied) > gate.within
        ? ['a member lags behind']
        : [];
    }
    case 'no-alarm':
      return [...members].flatMap(([name, fact]) =>
        alarmsTold(fact)
          .filter((error) => !gate.except.some((kind) => error.includes(kind)))
          .filter((error) => !isEnded(error, gate.ended))
          .map((error) => `${name} reports ${error}`),
      );
    case 'serves-version':
      return [...members].flatMap(([name, fact]) => otherVersion(name, fact, gate.version));
  }
}

function isEnded(error: string, ended: readonly string[] = []): boolean {
  const alarms = readAlarms(error);
  return alarms.length > 0 && alarms.every(({ memberId }) => ended.includes(memberId));
}

/** The leader raises the version of the cluster some seconds after the last member has come up (etcdserver, monitorVersions). */
function otherVersion(
  name: string,
  { status, clusterVersion }: GateFact,
  version: string,
): readonly string[] {
  if (status !== undefined && status.version !== version)
    return [`${name} serves ${status.version}, not ${version}`];
  if (clusterVersion === undefined) return [`${name} does not say which version the cluster has`];
  return changesMinor(clusterVersion, version)
    ? [`the cluster is still at version ${clusterVersion}`]
    : [];
}

/** What members are asked beside themselves; nothing gives undefined. */
interface Further {
  readonly links?: typeof askLinks;
  readonly clusterVersion?: typeof askClusterVersion;
}

function furtherFor(gates: readonly Gate[]): Further {
  const asksVersion = gates.some(({ kind }) => kind === 'serves-version');
  return { links: askLinks, ...(asksVersion && { clusterVersion: askClusterVersion }) };
}

/** Asks members about themselves, side by side. Throws a Failure where a host cannot be asked. */
export async function askMembers(
  names: readonly string[],
  site: GateContext,
  { links, clusterVersion }: Further = {},
): Promise<ReadonlyMap<string, GateFact>> {
  const members = site.desired.members.filter(({ name }) => names.includes(name));
  const answers = await Promise.all(
    members.map(async (member) => {
      const { name } = member;
      const host = hostOf(site, name);
      const [etcd, reached, version] = await Promise.all([
        askMember(host, member, site),
        links?.(member, host, site),
        clusterVersion?.(host, member, site.store),
      ]);
      return [name, { ...etcd, links: reached, clusterVersion: version }] as const;
    }),
  );
  return new Map(answers);
}

async function askMember(host: Host, member: PlannedMember, site: GateContext): Promise<EtcdFact> {
  const told = await askGateway(host, site.desired, member, site.store);
  return told !== undefined && isNamed(told, member.name)
    ? told
    : askByHost(host, site.desired, member, site.store);
}

/** Throws a Failure where a learner is all that is waited for: it answers no linearizable read as long as it is one. */
export function refuseLearner(members: ReadonlyMap<string, GateFact>, cluster: string): void {
  const notAnswering = [...members].filter(([, { healthy }]) => !healthy);
  const [first] = notAnswering;
  if (first === undefined || notAnswering.some(([, { status }]) => status?.isLearner !== true))
    return;
  const [name] = first;
  throw new Failure(
    'failed',
    `${cluster}: ${name} runs, and is a learner: it cannot be proved to answer`,
    {
      next: [
        remedy`let it catch up and get its vote: ${provision('up', INVENTORY)}; then run the same command again`,
      ],
    },
  );
}

function complaintsOf(members: Answers): readonly string[] {
  return [...members].flatMap(([name, { healthy, complaint }]) =>
    healthy ? [] : [`${name} does not answer a linearizable read (${complaint ?? 'no answer'})`],
  );
}

function disagreement(members: Answers): readonly string[] {
  // Late patches tell strangers only that they serve where authentication is on. A linearizable read needs a leader that a
  // quorum knows, and waits until the member has applied what was committed.
  const telling = [...members.values()].filter(
    ({ asksForUser, status }) => !asksForUser || status !== undefined,
  );
  const lists = new Set(telling.map(({ members: list }) => JSON.stringify(list)));
  const leaders = new Set(telling.map(({ status }) => status?.leader));
  return [
    ...(lists.size > 1 ? ['the members do not list the same members'] : []),
    ...(leaders.size > 1 || leaders.has(undefined) ? ['the members do not agree on a leader'] : []),
  ];
}

/** Who does not reach whom: stopping a third member would part them. */
function unlinked(members: Answers): readonly string[] {
  return [...members].flatMap(([name, { links }]) => {
    if (links === undefined) return [];
    const isNameless = [...members].some(([, one]) => one.asksForUser && one.status === undefined);
    // A peer may be told by its id and by its name, and whose id it is nobody says then.
    const named = [...members.keys()].filter((other) => other !== name && links.has(other)).length;
    const unnamed = [...links].filter((one) => !members.has(one)).length;
    if (isNameless && Math.max(named, unnamed) < members.size - 1)
      return [`${name} does not reach all others at their peer ports`];
    return [...members].flatMap(([other, { status: theirs }]) =>
      other === name || theirs === undefined || links.has(theirs.memberId) || links.has(other)
        ? []
        : [`${name} does not reach ${other} at its peer port`],
    );
  });
}
