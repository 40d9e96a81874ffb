import type { PortUse } from '../plan/ownership/port-use.ts';

/** Who was seen at the client ports during a switch. */
export interface SwitchClients {
  readonly uses: readonly PortUse[];
  /** For how long was looked, in seconds. */
  readonly window: number;
}

/** Who was seen, for people. */
export function describeClients({ uses, window }: SwitchClients): readonly string[] {
  if (uses.length === 0)
    return [
      `clients seen at the client ports within ${window} s: none; one that connects less often cannot be seen`,
    ];
  const kinds = [...new Set(uses.map(kindOf))].sort();
  return [
    `clients seen at the client ports within ${window} s:`,
    ...kinds.map((kind) => {
      const mine = uses.filter((one) => kindOf(one) === kind);
      const count = mine.reduce((sum, { connections }) => sum + connections, 0);
      const members = [...new Set(mine.map(({ member }) => member))].sort().join(', ');
      const [client, how] = kind.split('\t');
      return `  ${client} at ${members}: ${count} connection${count === 1 ? '' : 's'} ${how}`;
    }),
  ];
}

function kindOf({ client, port, protocols }: PortUse): string {
  const how =
    protocols.length > 1
      ? `to port ${port}, which serves http and https: it cannot be told which`
      : `over ${protocols.join()} (port ${port})`;
  return `${client}\t${how}`;
}
