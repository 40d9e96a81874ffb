import type { DesiredCluster } from '../../desired/cluster.ts';
import type { DesiredSwitch, Protocol, Serving } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { seenMembers, someoneAnswers } from '../../observed/observed.ts';
import { dialable } from '../carried.ts';
import { here } from '../lane.ts';
import type { Wave } from '../plan.ts';
import { quietWave } from '../unnoticed.ts';
import { dialledScheme, peerScheme } from './protocol.ts';
import { advertisedBy, leftPort, servesOnly, servingOf } from './serving.ts';

export interface SwitchOptions {
  /** Clients have moved: stop serving the old protocol. */
  readonly finish: boolean;
  /** Clients that follow the member list are to find the new protocol there. */
  readonly advertise: boolean;
  /** Somebody was seen at the port of the stage, and not at the client port: it is closed only when they have moved. */
  readonly staying?: Watching | undefined;
  readonly allowDowntime: boolean;
}

/** How clients are watched. */
export interface Watching {
  /** Seconds. */
  readonly window: number;
  /** Addresses that may be cut off. */
  readonly accepted: readonly string[];
}

/** What a member takes to restart, in seconds, at most on most machines. */
const SECONDS_OF_RESTART = 5;

/** A stage of the switch: the state every member is brought to, one by one, before the next stage begins. */
export interface Stage {
  readonly cluster: DesiredCluster;
  readonly title: (member: string) => string;
  /** Whether peer URLs in the membership are brought to this stage's too. */
  readonly movesPeers: boolean;
  /** Whether members that serve the new protocol alone stay as they are. */
  readonly sparesDone: boolean;
  /** What must be before any member is changed. */
  readonly first?: Wave;
}

/** What clients that follow the member list meet while it changes. */
export function followersNotes(
  { to, target }: DesiredSwitch,
  facts: ClusterFacts,
  { advertise, finish }: SwitchOptions,
  waves: readonly Wave[],
): readonly string[] {
  const changes = seenMembers(target, facts).some(({ found }) =>
    advertisedBy(found).some((url) => !url.startsWith(`${to}:`)),
  );
  if (waves.length === 0 || !changes || !(advertise || finish)) return [];
  const seconds = target.members.length * SECONDS_OF_RESTART;
  return [
    `while members restart one by one, followers of the member list may see both http and https URLs for about ${seconds} s, then ${to} alone: have clients on ${to === 'https' ? 'http' : 'https'} stop following it before; start ${to} followers afterwards`,
  ];
}

/** The stages that are left, by what members serve and how they are dialled. */
export function stages(
  desired: DesiredSwitch,
  facts: ClusterFacts,
  { finish, advertise, staying }: SwitchOptions,
): readonly Stage[] {
  const { to, target, window } = desired;
  const { members } = facts;
  const from = to === 'https' ? 'http' : 'https';
  const left = leftPort(desired, facts);
  const watch =
    left === undefined || staying === undefined ? undefined : watchLeft(target, left, staying);
  const closing: Stage = {
    cluster: target,
    title: (name) => (watch ? `close port ${left} on ${name}` : `end ${from} on ${name}`),
    movesPeers: true,
    sparesDone: false,
    ...(watch && { first: watch }),
  };
  if (target.members.every(({ name }) => isDone(name, facts, to))) {
    const title = (name: string) => `close port ${left} on ${name}`;
    return finish && left !== undefined ? [{ ...closing, title }] : [];
  }
  // What a member listens to must be what the others dial, whatever its configuration says.
  const now = new Map(
    target.members.map(({ name }) => [name, dialledScheme(name, members) ?? to] as const),
  );
  const moved = new Map(target.members.map(({ name }) => [name, to]));
  const serving = servingOf(desired, facts);
  const advertised = new Map(target.members.map(({ name }) => [name, [to]]));
  const stage = (cluster: DesiredCluster, title: Stage['title'], movesPeers: boolean): Stage => ({
    ...{ cluster, title, movesPeers, sparesDone: true },
  });
  const able = stage(window(now, serving), (name) => `make ${name} able to speak ${to}`, false);
  const move = stage(window(moved, serving), (name) => `move ${name} to ${to} among members`, true);
  const listed: Serving = { ...serving, advertised };
  const show = stage(window(moved, listed), (name) => `advertise ${to} on ${name}`, true);
  return [
    ...(to === 'https' || !someoneAnswers(facts) ? [able] : []),
    move,
    ...(advertise && !finish ? [show] : []),
    ...(finish && watch && left !== undefined
      ? [stage(desired.withPort(left), (name) => `end ${from} on ${name}`, true)]
      : []),
    ...(finish ? [closing] : []),
  ];
}

/** Whether a member has come to the end: it is dialled by the new protocol, and serves nobody by the old one. */
export function isDone(name: string, { members }: ClusterFacts, to: Protocol): boolean {
  const found = foundOf({ members }, name);
  return (
    (dialledScheme(name, members) ?? to) === to && peerScheme(found) === to && servesOnly(found, to)
  );
}

function watchLeft(
  { protocol, members }: DesiredCluster,
  port: number,
  { window, accepted }: Watching,
): Wave {
  const because = 'a client that knows only this port would be cut off';
  const step = {
    ...({ kind: 'watch-port', port, window, accepted, because } as const),
    ...{ protocol, members: members.map(dialable) },
  };
  const title = `see who uses port ${port} alone`;
  return quietWave(title, [here([step])]);
}
