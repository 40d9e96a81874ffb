import type { DesiredMember } from '../../desired/cluster.ts';
import type { Host } from '../../host/host.ts';
import { askPort } from './ask-port.ts';
import { readHealth } from './health.ts';

const SECONDS = 2;

/**
 * The kinds of alarms that a member's /health names, about whichever member; none where it does not say. Late patches
 * withhold status and list of alarms from those without a user while authentication is on, but not this.
 */
export async function askAlarms(
  host: Host,
  { listener }: Pick<DesiredMember, 'listener'>,
  store: string,
): Promise<readonly string[]> {
  const dial = () => host.dial(listener.address, listener.ports.client);
  const ask = async (path: string): Promise<string | undefined> => {
    const answer = await askPort(dial, { path, anyStatus: true }, store, SECONDS);
    return answer && readHealth(answer.text).alarm;
  };
  const first = await ask('/health');
  if (first !== 'NOSPACE') return first === undefined ? [] : [first];
  // What is full may be corrupt besides.
  const second = await ask('/health?exclude=NOSPACE');
  return second === undefined ? [first] : [first, second];
}
