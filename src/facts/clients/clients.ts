import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { sh } from '../../shell/command.ts';
import { OWN_PROGRAMS, type SocketEnd, socketEnd } from './connections.ts';

/** A client of one member that was served at one of its ports within the time of looking. */
export interface SeenClient {
  /** Address of the client, or what runs on the member's own host: `kube-apiserver (198.18.0.11)`. */
  readonly client: string;
  /** The member's port. */
  readonly port: number;
  readonly connections: number;
}

/** A port of a member; behind TLS a refusal has bytes too. */
export interface ServedPort {
  readonly port: number;
  readonly isTlsOnly: boolean;
}

/**
 * What a member sends to a client that speaks the other protocol: nothing at an http port (3.3 to 3.7); at a TLS port an
 * alert, or 76 bytes that say so (net/http/server.go). A handshake takes more.
 */
const REFUSAL = { http: 0, tls: 100 } as const;

/** Milliseconds between two sockets that are closed for `ss` to print what it holds back. */
const NUDGE = 500;

/**
 * Who was served at these ports of a host at any time in so many seconds. Looked at again and again are open connections;
 * the kernel tells of each that ends, however short it was. Who spoke the wrong protocol for a port is not counted, nor are
 * our own ways in. Throws a HostError when the host cannot be asked, or has no `ss`.
 */
export async function clientsWithin(
  host: Host,
  ports: readonly ServedPort[],
  seconds: number,
): Promise<readonly SeenClient[]> {
  const either = (side: string) => ports.map(({ port }) => `${side} = :${port}`).join(' or ');
  const both = `( ${either('sport')} or ${either('dport')} )`;
  const asked = must(
    host,
    `see who is connected to port ${ports.map(({ port }) => port).join(', ')}`,
    sh`command -v ss >/dev/null || { echo 'there is no ss (package iproute2)' >&2; exit 1; }
# What was asked before has hung up by then.
sleep 1
end=$(( $(date +%s) + ${Math.ceil(seconds)} ))
while :; do
  ss -Htnpi state established ${both}
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 0.05
done | awk '/^[0-9]/ { row = $3 " " $4 " " $5; next } { info[row] = $0 } END { for (row in info) print row info[row] }' &
ended=$(timeout ${Math.ceil(seconds)} stdbuf -oL ss -HtniE 2>/dev/null | awk '/^[A-Z]/ { row = $4 " " $5 " -"; next } { print row $0 }')
wait
echo == ended
printf '%s\n' "$ended"`,
    { deadline: seconds + 60 },
  );
  const [{ stdout }] = await Promise.all([asked, nudge(host, asked)]);
  return readClients(stdout, ports);
}

/**
 * `ss --events` prints a socket when the next one has ended (iproute2 6.1): one of ours is refused on the host now and then,
 * at a port where nobody listens, so that nothing stays behind and no log has a line of it.
 */
async function nudge(host: Host, until: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  until.then(over, over);
  while (!isOver) {
    await sleep(NUDGE);
    try {
      (await host.dial('127.0.0.1', 1)).destroy();
    } catch {
      // Refused, as it should be.
    }
  }
}

/** The clients in an answer to that question, each with its number of connections. */
export function readClients(text: string, ports: readonly ServedPort[]): readonly SeenClient[] {
  const [open = '', ended = ''] = text.split(/^== ended\n/m);
  const opened = rowsOf(open);
  const isOurs = ({ port }: SocketEnd) => ports.some((one) => one.port === port);
  // Both ends are on this host: the client's own row names its process.
  const programs = new Map(
    opened
      .filter(({ there }) => isOurs(there))
      .map(({ here, process }) => [named(here), /\(\("([^"]+)"/.exec(process)?.[1] ?? 'a process']),
  );
  const connections = new Map(
    [...opened, ...rowsOf(ended)]
      .filter(({ here, sent }) => ports.some((one) => isServed(one, here, sent)))
      .map((one) => [`${named(one.here)} ${named(one.there)}`, one]),
  );
  const counts = new Map<string, SeenClient>();
  for (const { here, there } of connections.values()) {
    const program = programs.get(named(there));
    if (program !== undefined && OWN_PROGRAMS.has(program)) continue;
    const unseen = isSameHost(here, there) ? UNSEEN : undefined;
    const name = program ?? unseen;
    const client = name === undefined ? there.address : `${name} (${there.address})`;
    const key = `${client} ${here.port}`;
    const soFar = counts.get(key)?.connections ?? 0;
    counts.set(key, { client, port: here.port, connections: soFar + 1 });
  }
  return [...counts.keys()]
    .sort()
    .flatMap((key) => counts.get(key) ?? [])
    .filter(({ client, connections: all }) => all > 1 || !client.startsWith(UNSEEN));
}

/** What ended on the host itself before its program was seen; one alone may be a question of ours, such as `status`. */
const UNSEEN = 'a program of this host';

interface Row {
  readonly here: SocketEnd;
  readonly there: SocketEnd;
  readonly process: string;
  /** Bytes the host sent; undefined where its kernel does not say. */
  readonly sent: number | undefined;
}

function rowsOf(text: string): readonly Row[] {
  return text.split('\n').flatMap((line) => {
    const [local = '', peer = '', process = ''] = line.trim().split(/\s+/);
    const [here, there] = [socketEnd(local), socketEnd(peer)];
    if (here === undefined || there === undefined) return [];
    return [{ here, there, process, sent: bytesSent(line) }];
  });
}

// Fields that are 0 are left out; the first and the last packet count as a byte each that is acknowledged.
function bytesSent(line: string): number | undefined {
  if (!/ (?:rto|cwnd):/.test(line)) return undefined;
  const [, sent] = / bytes_sent:(\d+)/.exec(line) ?? [];
  const [, acknowledged] = / bytes_acked:(\d+)/.exec(line) ?? [];
  return Math.max(Number(sent ?? 0), Number(acknowledged ?? 0) - 2);
}

function isServed(
  { port, isTlsOnly }: ServedPort,
  here: SocketEnd,
  sent: number | undefined,
): boolean {
  return here.port === port && (sent ?? Infinity) > (isTlsOnly ? REFUSAL.tls : REFUSAL.http);
}

function isSameHost(here: SocketEnd, there: SocketEnd): boolean {
  return there.address === here.address || /^(?:127\.|::1$)/.test(there.address);
}

function named({ address, port }: SocketEnd): string {
  return `${address} ${port}`;
}
