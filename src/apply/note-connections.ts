import { connectionsNote } from '../facts/clients/connections.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { memberOf, type StepContext } from './step-context.ts';

/** Keeps on a member's host who is connected to its client port now, until the next boot. Throws a HostError. */
export async function noteConnections(name: string, host: Host, site: StepContext): Promise<void> {
  const { unit, paths } = site.desired;
  const { client } = memberOf(site, name).listener.ports;
  await must(host, 'note who is connected', connectionsNote(unit, paths.pki, client));
}
