import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredMember } from '../desired/cluster.ts';
import { alarmsTold } from '../etcd/alarms.ts';
import { askByHost } from '../facts/ask-by-host.ts';
import { askGateway, isNamed } from '../facts/ask-gateway.ts';
import type { EtcdFact } from '../facts/etcd.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { askLinks } from './peer-connectivity.ts';
import type { StepContext } from './step-context.ts';

/** Members that did not answer as they must, or not in time. */
export class Unanswered extends Failure {
  override readonly name = 'Unanswered';
}

const PAUSE = 200;
/** Entries a member may lag behind in applying, while clients write. */
const LAG = 1000;

/** What a member says of itself, and the peers it reaches, by id or by name, where that is known. */
export type GateFact = EtcdFact & { readonly links?: ReadonlySet<string> | undefined };

/**
 * Waits until every named member answers a linearizable read through its own endpoint and reaches the others, all of them
 * list the same members, agree on a leader, and none lags behind. Throws Unanswered, naming who did not, after the run's
 * timeout, or a Failure where that would never change.
 */
export async function awaitGate(
  names: readonly string[],
  site: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + site.timeout * 1000;
  for (;;) {
    const members = await askMembers(names, site, askLinks);
    const doubts = whyNotOpen(members);
    if (doubts.length === 0) return;
    refuseLearner(members, site.desired.name);
    if (Date.now() > until || signal.aborted) {
      throw new Unanswered('failed', `${site.desired.name}: ${doubts.join('; ')}`);
    }
    await sleep(PAUSE);
  }
}

async function askMembers(
  names: readonly string[],
  site: StepContext,
  links: typeof askLinks = async () => undefined,
): Promise<ReadonlyMap<string, GateFact>> {
  const members = site.desired.members.filter(({ name }) => names.includes(name));
  const answers = await Promise.all(
    members.map(async (member) => {
      const { name } = member;
      const host = site.hosts.get(name);
      if (host === undefined) throw new TypeError(`no connection to ${name}`);
      const [etcd, reached] = await Promise.all([
        askMember(host, member, site),
        links(name, host, site),
      ]);
      return [name, { ...etcd, links: reached }] as const;
    }),
  );
  return new Map(answers);
}

async function askMember(host: Host, member: DesiredMember, site: StepContext): Promise<EtcdFact> {
  const told = await askGateway(host, site.desired, member, site.store);
  return told !== undefined && isNamed(told, member.name)
    ? told
    : askByHost(host, site.desired, member, site.store);
}

/**
 * Whom restarting one of `hosts` could rob of the quorum: members besides them that do not answer while others still do.
 * Empty too when no other member answers: then there is no quorum to lose.
 */
export async function atRisk(
  hosts: readonly string[],
  gate: readonly string[],
  site: StepContext,
): Promise<readonly string[]> {
  const others = gate.filter((name) => !hosts.includes(name));
  const silent = [...(await askMembers(others, site))].flatMap(([name, { healthy }]) =>
    healthy ? [] : [name],
  );
  return silent.length === others.length ? [] : silent;
}

/** Throws a Failure where a learner is all that is waited for: it answers no linearizable read as long as it is one. */
export function refuseLearner(members: ReadonlyMap<string, GateFact>, cluster: string): void {
  const silent = [...members].filter(([, { healthy }]) => !healthy);
  const [first] = silent;
  if (first === undefined || silent.some(([, { status }]) => status?.isLearner !== true)) return;
  const [name, { status }] = first;
  throw new Failure(
    'failed',
    `${cluster}: ${name} runs, and is a learner: it cannot be proved to answer`,
    {
      next: [
        remedy`once it has caught up: ${provision('etcdctl', INVENTORY, '--', 'member', 'promote', status?.memberId ?? 'ID')}; then run the same command again`,
      ],
    },
  );
}

/** Why the next wave must not begin; empty when it may. */
export function whyNotOpen(members: ReadonlyMap<string, GateFact>): readonly string[] {
  const silent = [...members].flatMap(([name, { healthy, complaint }]) =>
    healthy ? [] : [`${name} does not answer a linearizable read (${complaint ?? 'no answer'})`],
  );
  if (silent.length > 0) return silent;

  const facts = [...members.values()];
  // Late patches tell strangers only that they serve where authentication is on. A linearizable read needs a leader that a
  // quorum knows, and waits until the member has applied what was committed.
  const telling = facts.filter(({ asksForUser, status }) => !asksForUser || status !== undefined);
  const lists = new Set(telling.map(({ members: list }) => JSON.stringify(list)));
  const leaders = new Set(telling.map(({ status }) => status?.leader));
  const applied = facts.flatMap(({ status }) => status?.raftAppliedIndex ?? []);
  const alarms = [...members].flatMap(([name, fact]) =>
    alarmsTold(fact)
      .filter(isGrave)
      .map((error) => `${name} reports ${error}`),
  );
  return [
    ...(lists.size > 1 ? ['the members do not list the same members'] : []),
    ...(leaders.size > 1 || leaders.has(undefined) ? ['the members do not agree on a leader'] : []),
    ...(Math.max(...applied) - Math.min(...applied) > LAG ? ['a member lags behind'] : []),
    ...unlinked(members),
    ...alarms,
  ];
}

/** Who does not reach whom: stopping a third member would part them. */
function unlinked(members: ReadonlyMap<string, GateFact>): readonly string[] {
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

// A database that is full is cured by a larger quota, which a gate must not keep from being rolled out.
function isGrave(error: string): boolean {
  return !error.includes('NOSPACE');
}
