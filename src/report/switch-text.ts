import type { DesiredSwitch, Protocol } from '../desired/dual-protocol.ts';
import { describePlan } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import { migrateTo } from '../plan/switching/protocol.ts';
import { commandText } from '../problem/render.ts';
import type { SavedSnapshot } from '../snapshot/save.ts';

/** What a switch by a snapshot does, before anybody agrees. */
export function snapshotSwitchText(
  cluster: string,
  { to }: { readonly to: Protocol },
  fence: Plan,
): string {
  return [
    `${cluster} goes to ${to} by a snapshot; from the last wave below until it is up again it takes no writes:`,
    describePlan(fence),
    'then: take a snapshot, compare its revision with that of the members, restore it beside the data in use on every',
    'member, stop all, exchange the data (the former stays aside), start all together, compare revision and keys;',
    'should any of that fail before the new cluster has had a leader, the former data is put back and serves again',
  ].join('\n');
}

/** A switch by a snapshot that is made. */
export interface Switched {
  readonly saved: SavedSnapshot;
  /** For how long clients were cut off by this run. */
  readonly seconds: number;
  /** Whether they had been before it. */
  readonly wasCutOff: boolean;
}

/** A switch that was asked for, and what the inventory says. */
interface SwitchOrder {
  readonly to: Protocol;
  /** Path of the inventory. */
  readonly inventory: string;
  /** The protocol that it names. */
  readonly written: Protocol;
}

/** What is to be done in the inventory when a switch is over, where it does not say so already. */
export function inventoryLine({ to, inventory, written }: SwitchOrder): string {
  return written === to
    ? `${inventory} says protocol: ${to}, as the cluster does`
    : `next: set protocol: ${to} in ${inventory}, so that up agrees`;
}

/** What a switch by a snapshot has come to. */
export function switchedText(
  order: SwitchOrder,
  { saved: { record }, seconds, wasCutOff }: Switched,
): string {
  return [
    `the cluster speaks ${order.to}; it was switched at revision ${record.revision}, the last the former members had: no acknowledged write is missing`,
    wasCutOff
      ? `clients were cut off for ${seconds.toFixed(1)} s since this run began, and before that since the run that was cut off`
      : `clients were cut off for ${seconds.toFixed(1)} s at most`,
    inventoryLine(order),
  ].join('\n');
}

/** How clients are served half-way through a live switch, and what comes next. */
export function stageLines(
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
          `next, for clients that follow the member list, before they are started with ${to}: ${switchCommand(inventory, to, '--advertise')}`,
        ]),
    `then end ${from}: ${switchCommand(inventory, to, '--finish')}`,
    `back: ${switchCommand(inventory, from, '--finish')}`,
  ];
}

/** The command that switches on, as it is typed. */
export function switchCommand(
  inventory: string,
  to: Protocol,
  ...words: readonly string[]
): string {
  return commandText(migrateTo(to, ...words), inventory);
}
