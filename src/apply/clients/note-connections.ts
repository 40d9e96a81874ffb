import { connectionsNote } from '../../facts/clients/connections.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { HostStep } from '../../plan/step.ts';

/** Keeps on a member's host who is connected to its client port now, until the next boot. Throws a HostError. */
export async function noteConnections(
  host: Host,
  { unit, pki, port }: Extract<HostStep, { kind: 'note-connections' }>,
): Promise<void> {
  await must(host, 'note who is connected', connectionsNote(unit, pki, port));
}
