import { clientsWithin } from '../../facts/clients/clients.ts';
import { Failure } from '../../failure/failure.ts';
import { addresses, usersOfPortAlone } from '../../plan/ownership/port-use.ts';
import type { Step } from '../../plan/step.ts';
import { remedy } from '../../problem/remedy.ts';
import type { StepContext } from '../step-context.ts';

/**
 * Looks at the client ports of all members for as long as told. Throws a Failure (paused) when a client uses the port that
 * is to be closed and was not seen at the other one.
 */
export async function watchPort(
  { port, protocol, members, window, accepted }: Extract<Step, { kind: 'watch-port' }>,
  { hosts }: Pick<StepContext, 'hosts'>,
): Promise<void> {
  const seen = await Promise.all(
    members.map(async ({ name, listener }) => {
      const host = hosts.get(name);
      const ports = [listener.ports.client, port].map((one) => ({
        port: one,
        isTlsOnly: protocol === 'https',
      }));
      const clients = host === undefined ? [] : await clientsWithin(host, ports, window);
      return clients.map((one) => ({ ...one, member: name, protocols: [protocol] }));
    }),
  );
  const staying = usersOfPortAlone(seen.flat(), port, protocol, accepted);
  if (staying.length === 0) return;
  const client = members[0]?.listener.ports.client;
  throw new Failure(
    'paused',
    `${protocol} is served at port ${client}, and still at port ${port}: within ${window} s these clients were seen at port ${port} alone: ${staying.join(', ')}`,
    {
      next: [
        remedy`have them use port ${client ?? ''}, then run the same command again; name those that know both ports, or that may be cut off: --clients-may-be-cut ${addresses(staying)}`,
      ],
    },
  );
}
