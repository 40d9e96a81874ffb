import { askPort } from '../facts/ask-port.ts';
import type { Host } from '../host/host.ts';
import type { Site } from './site.ts';

const LINK = /^etcd_network_active_peers\{Local="[^"]*",Remote="([0-9a-f]+)"\} (\d+)$/gm;

/**
 * The ids of the peers a member reaches, by its own count; undefined where that could not be asked, none with 3.3, which
 * does not count. Two members that do not reach each other both answer clients through a third one, so their answers do
 * not show that the third may be stopped.
 */
export async function askLinks(
  name: string,
  host: Host,
  { desired, store }: Pick<Site, 'desired' | 'store'>,
): Promise<ReadonlySet<string> | undefined> {
  const listener = desired.members.find((one) => one.name === name)?.listener;
  if (listener === undefined) throw new TypeError(`no member ${name}`);
  const dial = () => host.dial(listener.address, listener.ports.client);
  const pair = `${name}/healthcheck-client`;
  const answer = await askPort(dial, '/metrics', { store, pair });
  return answer && readLinks(answer.text);
}

/** The peers with a connection in etcd's metrics. */
export function readLinks(metrics: string): ReadonlySet<string> {
  const links = [...metrics.matchAll(LINK)];
  return new Set(
    // etcd leaves leading zeros out.
    links.flatMap(([, id = '', count]) => (count === '0' ? [] : [id.padStart(16, '0')])),
  );
}
