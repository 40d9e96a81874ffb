import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { type CertificatePair, readPair } from '../pki/store.ts';
import type { Site } from './site.ts';

const SECONDS = 5;
const LINK = /^etcd_network_active_peers\{Local="[^"]*",Remote="([0-9a-f]+)"\} (\d+)$/gm;

/**
 * The ids of the peers a member reaches, by its own count; undefined where that could not be asked, none with 3.3, which
 * does not count. Two members that do not reach each other both answer clients through a third one, so their answers do
 * not show that the third may be stopped.
 */
export async function askLinks(
  name: string,
  host: Host,
  site: Site,
): Promise<ReadonlySet<string> | undefined> {
  const listener = site.desired.members.find((one) => one.name === name)?.listener;
  if (listener === undefined) throw new TypeError(`no member ${name}`);
  const dial = () => host.dial(listener.address, listener.ports.client);
  const pair = await pairOf(name, site);
  // While a protocol is being switched either may be served, or both.
  const metrics = (pair && (await metricsOver(dial, pair))) ?? (await metricsOver(dial, undefined));
  return metrics === undefined ? undefined : readLinks(metrics);
}

/** The peers with a connection in etcd's metrics. */
export function readLinks(metrics: string): ReadonlySet<string> {
  const links = [...metrics.matchAll(LINK)];
  return new Set(
    // etcd leaves leading zeros out.
    links.flatMap(([, id = '', count]) => (count === '0' ? [] : [id.padStart(16, '0')])),
  );
}

async function pairOf(name: string, { store }: Site): Promise<CertificatePair | undefined> {
  try {
    return await readPair(store, `${name}/healthcheck-client`);
  } catch (error) {
    // A cluster without TLS has none.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function metricsOver(
  dial: () => Promise<Duplex>,
  pair: CertificatePair | undefined,
): Promise<string | undefined> {
  try {
    return await get(await dial(), pair);
  } catch (error) {
    // Whether a member answers at all is asked in another way.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** What /metrics says over a stream to the client port; undefined when it does not answer with it. */
function get(stream: Duplex, pair: CertificatePair | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket =
      pair === undefined
        ? stream
        : connect({
            socket: stream,
            // Nothing is told to it and nothing secret comes back.
            rejectUnauthorized: false,
            cert: pair.certificate,
            key: pair.key.reveal(),
          });
    const end = (text: string | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      stream.destroy();
      resolve(text);
    };
    const timer = setTimeout(() => end(undefined), SECONDS * 1000);
    socket.on('error', () => end(undefined));
    const asked = request({
      createConnection: () => socket,
      path: '/metrics',
      headers: { host: 'etcd', connection: 'close' },
    });
    asked.on('error', () => end(undefined));
    asked.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => end(undefined));
      answer.on('end', () =>
        end(answer.statusCode === 200 ? Buffer.concat(chunks).toString() : undefined),
      );
    });
    asked.end();
  });
}
