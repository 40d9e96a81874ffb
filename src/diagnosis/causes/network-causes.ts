import { listensAt } from '../../facts/host/port.ts';
import { servesItselfAlone } from '../../plan/switching/serving.ts';
import type { Problem } from '../../problem/problem.ts';
import { cures } from '../cures.ts';
import { evidenceOf } from '../looks/evidence.ts';
import {
  answers,
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

/** What drops or rejects connections to its client port on its own host, where it listens: nobody can ask it, we neither. */
export function clientPortCause(one: ExaminedMember, lines: readonly Line[]): Cause | undefined {
  const { ownClientPort: how } = one;
  const { address, port } = clientPlace(one);
  if (how === undefined || !isClosed(one, { address, port }, how)) return undefined;
  return {
    kind: 'client-port-closed',
    sentence: `it listens, but its own host cannot reach its client port ${address}:${port}: ${said(how)}`,
    evidence: evidenceOf(lines, /i\/o timeout|no route to host|dial tcp/),
    next: [cures.byHand('open that port in the firewall of its host, for the host itself too')],
  };
}

/**
 * Members that answer on their own hosts and whose client ports other hosts do not reach. That may be meant, and nothing of
 * the cluster depends on it; whether clients elsewhere get there is not known here.
 */
export function clientPortRemarks(cluster: ExaminedCluster): readonly Problem[] {
  return examinedMembers(cluster)
    .filter((one) => answers(one) && !servesItselfAlone(one.facts))
    .flatMap((one): readonly Problem[] => {
      const place = clientPlace(one);
      const missing = examinedMembers(cluster).flatMap(({ member, reaches, clientReaches }) => {
        const how = clientReaches.get(one.member.name) ?? 'unknown';
        // Of hosts that do not reach each other at all, the peer port tells.
        const isWhole = isClosed(one, peerPlace(one.member), reaches.get(one.member.name));
        return isClosed(one, place, how) && !isWhole ? [{ from: member.name, how }] : [];
      });
      if (missing.length === 0) return [];
      const { name } = one.member;
      const who = missing.map(({ from }) => from).join(', ');
      const how = [...new Set(missing.map((each) => said(each.how)))].join(', ');
      return [
        {
          ...{ kind: 'client-port-filtered', about: [name], severity: 'warn' as const },
          sentence: `${name} answers on its own host, but ${who} cannot reach its client port ${place.address}:${place.port}: ${how}`,
          next: [
            cures.byHand(
              `if clients or etcdctl on other hosts are to use it: open that port in the firewall of ${name}`,
            ),
          ],
        },
      ];
    });
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
      const isBroken = target !== undefined && isClosed(target, peerPlace(target.member), reach);
      return isBroken ? [{ from: member.name, to, reach }] : [];
    }),
  );
}

/** Whether what was dialled did not get through to a process that listens; who refuses must be known to listen right there. */
function isClosed(
  { listeners }: Pick<ExaminedMember, 'listeners'>,
  place: { readonly address: string; readonly port: number },
  how: Reach | undefined,
): boolean {
  if (how === 'refused') return listensAt(listeners, place);
  return (
    (how === 'no answer' || how === 'no route') && listeners.some(({ port }) => port === place.port)
  );
}

function said(reach: Reach): string {
  return reach === 'refused' ? 'the connection is refused on the way' : reach;
}
