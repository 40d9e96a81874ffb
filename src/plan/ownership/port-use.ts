import type { Protocol } from '../../desired/dual-protocol.ts';

/** Connections of a client to one port of a member, as they were seen within a window. */
export interface PortUse {
  /** Its address; beside it the program, where it runs on the member's host. */
  readonly client: string;
  readonly member: string;
  readonly port: number;
  readonly connections: number;
  /** What the member serves at that port. */
  readonly protocols: readonly Protocol[];
}

/** The clients of these uses that were not named to be cut off, each once and in order. */
function clientsOf(uses: readonly PortUse[], accepted: readonly string[]): readonly string[] {
  return [...new Set(uses.map(({ client }) => client))]
    .filter((client) => !accepted.some((one) => client === one || addressOf(client) === one))
    .sort();
}

/** Clients that use this protocol, or may: at a port that serves both it cannot be told. */
export function usersOf(
  uses: readonly PortUse[],
  protocol: Protocol,
  accepted: readonly string[],
): readonly string[] {
  return clientsOf(
    uses.filter(({ protocols }) => protocols.includes(protocol)),
    accepted,
  );
}

/** Clients that use the protocol at the port that is left of a switch, and not at the client port. */
export function usersOfPortAlone(
  uses: readonly PortUse[],
  port: number,
  protocol: Protocol,
  accepted: readonly string[],
): readonly string[] {
  const both = uses.filter(
    (one) => one.port !== port && one.protocols.length === 1 && one.protocols[0] === protocol,
  );
  const settled = clientsOf(both, []);
  return clientsOf(
    uses.filter((one) => one.port === port),
    accepted,
  ).filter((client) => !settled.includes(client));
}

/** Clients as the command line names them: by address, also where a program is known. */
export function addresses(clients: readonly string[]): string {
  return [...new Set(clients.map(addressOf))].join(',');
}

function addressOf(client: string): string {
  return /\(([^)]+)\)$/.exec(client)?.[1] ?? client;
}
