import type { DesiredSwitch } from '../desired/window.ts';
import { remoteClients } from '../facts/clients.ts';
import type { Host } from '../host/host.ts';

/** Who is still connected where the old protocol is served, member by member, without the members themselves. */
export async function oldSchemeClients(
  { target, to, windowPort }: DesiredSwitch,
  hosts: ReadonlyMap<string, Host>,
): Promise<string> {
  const own = new Set([
    '127.0.0.1',
    '::1',
    ...target.members.map(({ clientUrl }) => new URL(clientUrl).hostname),
  ]);
  const rows = await Promise.all(
    target.members.map(async ({ name, clientUrl }) => {
      const host = hosts.get(name);
      const clients =
        host === undefined ? [] : await remoteClients(host, Number(new URL(clientUrl).port));
      return { name, clients: clients.filter((address) => !own.has(address)) };
    }),
  );
  const from = to === 'https' ? 'http' : 'https';
  const told = rows
    .filter(({ clients }) => clients.length > 0)
    .map(({ name, clients }) => `  ${name}: ${clients.join(', ')}`);
  if (told.length === 0) return `nobody outside the cluster is connected to the client port`;
  const meaning =
    windowPort === undefined
      ? `connected to the client port, which serves http and https alike (those on ${from} will be cut off)`
      : `still connected over ${from}, will be cut off`;
  return [`${meaning}:`, ...told].join('\n');
}
