import type { DesiredSwitch, Protocol } from '../../desired/dual-protocol.ts';
import { clientsWithin } from '../../facts/clients/clients.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { observed } from '../../observed/observed.ts';
import { addresses, usersOf } from '../../plan/ownership/port-use.ts';
import { servedBy } from '../../plan/switching/serving.ts';
import { remedy } from '../../problem/remedy.ts';
import type { SwitchClients } from '../../report/switch-clients-text.ts';

/** Looks for so many seconds at every port where a member serves clients. */
export async function lookAtClients(
  { target }: Pick<DesiredSwitch, 'target'>,
  hosts: ReadonlyMap<string, Host>,
  facts: Pick<ClusterFacts, 'members'>,
  window: number,
): Promise<SwitchClients> {
  const seen = await Promise.all(
    observed(target, facts).members.map(async ({ name, found }) => {
      const host = hosts.get(name);
      const served = servedBy(found);
      const at = (port: number) =>
        served.filter((one) => one.port === port).map(({ protocol }) => protocol);
      const ports = [...new Set(served.map(({ port }) => port))].map((port) => ({
        port,
        isTlsOnly: at(port).join() === 'https',
      }));
      if (host === undefined || ports.length === 0) return [];
      return (await clientsWithin(host, ports, window)).map((one) => ({
        ...one,
        member: name,
        protocols: at(one.port),
      }));
    }),
  );
  return { uses: seen.flat(), window };
}

/** Throws a Failure when clients that nobody named were seen where the old protocol is served. */
export function refuseToCut(
  { to, target }: Pick<DesiredSwitch, 'to' | 'target'>,
  { uses, window }: SwitchClients,
  accepted: readonly string[],
): void {
  const from: Protocol = to === 'https' ? 'http' : 'https';
  const behind = usersOf(uses, from, accepted);
  if (behind.length === 0) return;
  const option = `--clients-may-be-cut ${addresses(behind)}`;
  const apart = usersOf(
    uses.filter(({ protocols }) => protocols.length === 1),
    from,
    accepted,
  );
  throw apart.length === 0
    ? new Failure(
        'refused',
        `${target.name}: http and https share a port, so it cannot be told which of them these clients use, seen within ${window} s: ${behind.join(', ')}`,
        {
          next: [
            remedy`see in their own settings that each uses ${to}, then name them, because any on ${from} will be cut off: ${option}`,
          ],
        },
      )
    : new Failure(
        'refused',
        `${target.name}: these clients were seen on ${from} within ${window} s and would be cut off: ${behind.join(', ')}`,
        {
          next: [
            remedy`move them to ${to}, then run the same command again; or accept that they are cut off: ${option}`,
          ],
        },
      );
}
