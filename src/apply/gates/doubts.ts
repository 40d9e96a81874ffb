import { alarmsTold, readAlarms } from '../../etcd/alarms.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { askedBy, type ConsumerGate, type Gate, type MemberGate } from '../../plan/gate.ts';
import type { Answers, GateFact } from './ask-members.ts';

/** What a consumer shows that is asked for. */
export interface ConsumerFact {
  /** systemd's word about its unit, where it has one. */
  readonly state?: string;
  /** Why it is not ready, where that is asked and not so. */
  readonly whyNot?: string;
}

export type ConsumerAnswers = ReadonlyMap<string, ConsumerFact>;

/** Why the next wave must not begin; empty when it may. Who does not answer is all that is said where anybody does not. */
export function whyNotOpen(
  gates: readonly Gate[],
  told: Answers,
  consumers: ConsumerAnswers = new Map(),
): readonly string[] {
  const notAnswering = complaintsOf(only(askedBy(gates), told));
  return notAnswering.length > 0
    ? notAnswering
    : gates.flatMap((gate) =>
        gate.kind === 'consumer-ready'
          ? notReady(gate, consumers.get(gate.consumer))
          : doubtsOf(gate, only(gate.members, told)),
      );
}

function notReady(
  { consumer, unit }: ConsumerGate,
  { state = 'unknown', whyNot }: ConsumerFact = {},
): readonly string[] {
  if (unit !== undefined && state !== 'active') return [`${consumer}: ${unit} is ${state}`];
  return whyNot === undefined ? [] : [`${consumer} is not ready: ${whyNot}`];
}

function only(names: readonly string[], told: Answers): Answers {
  return new Map([...told].filter(([name]) => names.includes(name)));
}

function doubtsOf(gate: MemberGate, members: Answers): readonly string[] {
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
    case 'cluster-at':
      return [...members].flatMap(([name, fact]) => notAt(name, fact, gate.version));
    case 'goes-down-no-more':
      return [...members].flatMap(([name, { status }]) =>
        status?.downgradeTo === undefined ? [] : [`${name} still tells of a downgrade`],
      );
    case 'listed-as':
      return [...members].flatMap(([name, fact]) =>
        isListed(gate, name, fact)
          ? []
          : [`${name} does not list ${gate.member} with a vote at ${gate.peerUrls.join(', ')}`],
      );
    case 'led-by':
      return [...members].flatMap(([name, { status }]) =>
        status === undefined || status.leader === gate.id
          ? []
          : [`${name} does not follow ${gate.member}`],
      );
    case 'not-listed':
      return [...members].flatMap(([name, { members: list }]) =>
        list?.members.some(({ id }) => id === gate.id)
          ? [`${name} still lists ${gate.member} (${gate.id})`]
          : [],
      );
  }
}

/** A member that tells users only who there is says nothing against it. */
function isListed(
  { member, peerUrls }: Extract<MemberGate, { readonly kind: 'listed-as' }>,
  name: string,
  { members: list, status, asksForUser }: GateFact,
): boolean {
  if (name === member && status?.isLearner === true) return false;
  if (list === undefined) return asksForUser === true;
  return list.members.some(
    (one) => !one.isLearner && one.peerUrls.toSorted().join() === peerUrls.toSorted().join(),
  );
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

/** A member takes the layout of its database back, and a snapshot, once the version of the cluster has fallen. */
function notAt(
  name: string,
  { status, clusterVersion }: GateFact,
  version: string,
): readonly string[] {
  if (clusterVersion === undefined) return [`${name} does not say which version the cluster has`];
  if (changesMinor(clusterVersion, version))
    return [`the cluster is still at version ${clusterVersion}`];
  const stored = status?.storageVersion;
  return stored !== undefined && changesMinor(stored, version)
    ? [`the database of ${name} is still of version ${stored}`]
    : [];
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
