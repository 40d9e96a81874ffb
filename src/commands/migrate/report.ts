import type { DesiredSwitch, Protocol } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { migrateTo } from '../../plan/switching/protocol.ts';
import {
  advertisedProtocols,
  leftPort,
  servesBoth,
  servingOf,
} from '../../plan/switching/serving.ts';
import { commandText } from '../../problem/render.ts';
import type { Report } from '../../report/report.ts';
import type { Operation } from '../../run/operation.ts';
import { proveHttpRefused, proveServed } from '../../verify/closed.ts';
import type { MigrateArguments } from './arguments.ts';
import { describeClients, lookAtClients } from './clients.ts';

/** Where the switch stands, proven at the client ports, and what comes next; `seconds` is how long a change took. */
export async function reportSwitch(
  { hosts }: Operation,
  desired: DesiredSwitch,
  facts: ClusterFacts,
  args: MigrateArguments,
  seconds: number | undefined,
): Promise<Report> {
  const { to, target } = desired;
  if (!allFound(facts).some(servesBoth)) {
    const left = leftPort(desired, facts);
    if (left !== undefined && !args.finish)
      return {
        lines: [
          `clients are served over ${to} alone, at port ${desired.clientPort} and still at port ${left}`,
          `next: have them use port ${desired.clientPort}, then close the other: ${command(args.inventory, to, '--finish')}`,
        ],
        data: { switch: { to, left } },
      };
    if (to === 'https') await proveHttpRefused(target, hosts);
    const next = `done: the cluster speaks ${to} only\nnext: set protocol: ${to} in ${args.inventory}, so that up agrees`;
    return { lines: [next], data: {} };
  }
  const { ports } = servingOf(desired, facts);
  await proveServed(target, hosts, ports[to]);
  const advertised = advertisedProtocols(facts);
  // Nothing was changed: it is asked how far clients are.
  const clients =
    seconds === undefined ? await lookAtClients(desired, hosts, facts, args.window) : undefined;
  const lines = [
    ...(args.advertise && seconds !== undefined
      ? [
          `the member list names ${to}; for ${Math.ceil(seconds)} s its followers may have seen both http and https`,
        ]
      : []),
    ...stage(desired, ports, advertised, args.inventory),
    ...(clients === undefined ? [] : describeClients(clients)),
  ];
  return {
    lines,
    data: { switch: { to, ports, advertised, ...(clients && { clients }) } },
  };
}

function stage(
  { to, target, clientPort }: DesiredSwitch,
  ports: Readonly<Record<Protocol, number>>,
  advertised: readonly Protocol[],
  inventory: string,
): readonly string[] {
  const from = to === 'https' ? 'http' : 'https';
  const where =
    ports.http === ports.https
      ? `both at port ${ports.http}, so it cannot be told who uses which`
      : `http at port ${ports.http}, https at port ${ports.https}`;
  const endpoints = [...new Set([ports[to], clientPort])].flatMap((port) =>
    target.members.map(({ clientUrl }) => clientUrl.replace(/:\d+$/, `:${port}`)),
  );
  const isAdvertised = advertised.join() === to;
  return [
    `members speak ${to} with each other; clients are served over http and https: ${where}; the member list names ${advertised.join(' and ')}`,
    `next: give clients ${to} and these endpoints${ports[to] === clientPort ? '' : ` (port ${clientPort} speaks ${to} once ${from} is ended)`}: ${endpoints.join(',')}`,
    ...(isAdvertised
      ? []
      : [
          `next, for clients that follow the member list, before they are started with ${to}: ${command(inventory, to, '--advertise')}`,
        ]),
    `then end ${from}: ${command(inventory, to, '--finish')}`,
    `back: ${command(inventory, from, '--finish')}`,
  ];
}

function command(inventory: string, to: Protocol, ...words: readonly string[]): string {
  return commandText(migrateTo(to, ...words), inventory);
}
