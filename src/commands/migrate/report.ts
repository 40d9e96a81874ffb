import type { DesiredSwitch } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import {
  advertisedProtocols,
  leftPort,
  servesBoth,
  servingOf,
} from '../../plan/switching/serving.ts';
import type { Report } from '../../report/report.ts';
import { describeClients } from '../../report/switch-clients-text.ts';
import { inventoryLine, stageLines, switchCommand } from '../../report/switch-text.ts';
import type { Operation } from '../../run/operation.ts';
import { proveHttpRefused, proveServed } from '../../verify/closed.ts';
import type { MigrateArguments } from './arguments.ts';
import { lookAtClients } from './clients.ts';

/** Where the switch stands, proven at the client ports, and what comes next; `seconds` is how long a change took. */
export async function reportSwitch(
  { hosts, writtenProtocol }: Operation,
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
          `next: have them use port ${desired.clientPort}, then close the other: ${switchCommand(args.inventory, to, '--finish')}`,
        ],
        data: { switch: { to, left } },
      };
    if (to === 'https') await proveHttpRefused(target, hosts);
    const agrees = inventoryLine({
      to,
      inventory: args.inventory,
      written: writtenProtocol,
    });
    return { lines: [`done: the cluster speaks ${to} only\n${agrees}`], data: {} };
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
    ...stageLines(desired, ports, advertised, args.inventory),
    ...(clients === undefined ? [] : describeClients(clients)),
  ];
  return {
    lines,
    data: { switch: { to, ports, advertised, ...(clients && { clients }) } },
  };
}
