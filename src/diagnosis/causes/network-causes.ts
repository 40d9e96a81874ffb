import { cures } from '../cures.ts';
import { evidenceOf } from '../looks/evidence.ts';
import {
  clientPlace,
  type ExaminedCluster,
  type ExaminedMember,
  examinedMembers,
  peerPlace,
  runs,
} from '../looks/examined.ts';
import type { Line } from '../looks/line.ts';
import type { Reach } from '../looks/reach.ts';
import type { Cause } from './cause.ts';

/** Pairs of members that cannot connect although a process listens behind the address, and who is part of most of them. */
export function networkCause(
  one: ExaminedMember,
  cluster: ExaminedCluster,
  lines: readonly Line[],
): Cause | undefined {
  const broken = brokenPairs(cluster);
  const { name } = one.member;
  const load = (who: string) => broken.filter(({ from, to }) => from === who || to === who).length;
  const own = broken.filter(({ from, to }) => from === name || to === name);
  const most = Math.max(...examinedMembers(cluster).map(({ member }) => load(member.name)));
  if (own.length === 0 || load(name) < most) return undefined;
  const out = own.filter(({ from }) => from === name);
  const into = own.filter(({ to }) => to === name);
  // Of two that cannot reach each other, the first one tells it.
  const firstOfPair = examinedMembers(cluster).find(({ member }) => load(member.name) === most);
  if (
    most <= 2 &&
    firstOfPair?.member.name !== name &&
    own.every(({ from, to }) => [from, to].includes(firstOfPair?.member.name ?? ''))
  )
    return undefined;
  const how = [...new Set(own.map(({ reach }) => said(reach)))].join(', ');
  const { port } = peerPlace(one.member);
  const targets = out.map(({ to }) => to).join(', ');
  const sources = into.map(({ from }) => from).join(', ');
  return {
    kind: 'unreachable',
    sentence:
      out.length > 0 && into.length > 0
        ? `cannot reach the peer port of ${targets}, nor can ${sources} reach its own (${port}): ${how}`
        : out.length > 0
          ? `cannot reach the peer port of ${targets}: ${how}`
          : `${sources} cannot reach its peer port ${port}: ${how}`,
    evidence: evidenceOf(lines, /i\/o timeout|no route to host|network is unreachable|dial tcp/),
    next: [cures.byHand('open that port in the firewall between the members')],
  };
}

/** What drops packets to its client port on its own host, where it listens: nobody can ask it, we neither. */
export function clientPortCause(one: ExaminedMember, lines: readonly Line[]): Cause | undefined {
  const { address, port } = clientPlace(one);
  const listens = one.facts.listeners.some((listener) => listener.port === port);
  const { ownClientPort: how } = one;
  if (!listens || (how !== 'no answer' && how !== 'no route')) return undefined;
  return {
    kind: 'client-port-closed',
    sentence: `it listens, but its own host cannot reach its client port ${address}:${port}: ${said(how)}`,
    evidence: evidenceOf(lines, /i\/o timeout|no route to host|dial tcp/),
    next: [cures.byHand('open that port in the firewall of its host, for the host itself too')],
  };
}

interface Broken {
  readonly from: string;
  readonly to: string;
  readonly reach: Reach;
}

function brokenPairs(cluster: ExaminedCluster): readonly Broken[] {
  const running = new Map(
    examinedMembers(cluster)
      .filter(runs)
      .map((one) => [one.member.name, one]),
  );
  return [...running.values()].flatMap(({ member, reaches }) =>
    [...reaches].flatMap(([to, reach]) => {
      const target = running.get(to);
      const port = target && peerPlace(target.member).port;
      const listens = target?.facts.listeners.some((one) => one.port === port) ?? false;
      const isBroken = listens && ['no answer', 'no route', 'refused'].includes(reach);
      return isBroken ? [{ from: member.name, to, reach }] : [];
    }),
  );
}

function said(reach: Reach): string {
  return reach === 'refused' ? 'the connection is refused on the way' : reach;
}
