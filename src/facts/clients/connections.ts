import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { type Command, sh } from '../../shell/command.ts';

/** A connection to a member's client port that was seen open. */
export interface Connection {
  /** Address of the client, or what runs on the member's own host: `kube-apiserver (this host)`. */
  readonly client: string;
  /** Of the client's end; with the address it names the connection. */
  readonly port: number;
  /** Whether it was opened before the member showed its present leaves; undefined where that is not known. */
  readonly isOlder: boolean | undefined;
}

/** Our own ways in: a forwarded SSH channel, etcd's gateway, etcdctl. */
export const OWN_PROGRAMS: ReadonlySet<string> = new Set([
  'etcd',
  'etcdctl',
  'sshd',
  'sshd-session',
]);

/** Where a host keeps who was connected when its leaves changed; a reboot ends it with the connections. */
function notePath(unit: string): string {
  return `/run/provision/${unit}.connections`;
}

/** Writes that down: first what the member trusts, so that a note of an earlier rotation is told from this one. */
export function connectionsNote(unit: string, link: string, port: number): Command {
  const path = notePath(unit);
  return sh`set -eu
mkdir -p -m 755 /run/provision
{ sha256sum < ${link}/ca.crt; ss -Htn state established ${`( sport = :${port} )`} | awk '{ print $4 }'; } > ${path}.new
mv -fT ${path}.new ${path}`;
}

/**
 * Who was connected to a member's client port at any of several looks in so many seconds, each connection once. Empty where
 * the host has no `ss`. Throws a HostError when the host cannot be asked.
 */
export async function connectionsWithin(
  host: Host,
  { unit, link, port, seconds }: ConnectionsQuestion,
): Promise<readonly Connection[]> {
  const { stdout } = await must(host, `see who is connected to port ${port}`, question(), {
    deadline: seconds + 60,
  });
  return readConnections(stdout, port);

  function question(): Command {
    const filter = `( sport = :${port} or dport = :${port} )`;
    return sh`end=$(( $(date +%s) + ${seconds} ))
while :; do
  ss -Htnp state established ${filter} 2>/dev/null | awk '{ print $3, $4, $5 }'
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 0.1
done | awk '!seen[$0]++'
echo == times
systemctl show ${unit}.service --property=ExecMainStartTimestamp --value | { read -r started; date -d "$started" +%s || echo 0; }
stat -L -c %Y ${link}/server.crt || echo 0
echo == note
[ "$(sha256sum < ${link}/ca.crt)" = "$(head -n 1 ${notePath(unit)} 2>/dev/null)" ] && sed 1d ${notePath(unit)} || echo none`;
  }
}

export interface ConnectionsQuestion {
  readonly unit: string;
  /** The link to the member's certificates. */
  readonly link: string;
  /** The client port. */
  readonly port: number;
  readonly seconds: number;
}

/** The connections in an answer to that question. */
export function readConnections(text: string, port: number): readonly Connection[] {
  const [rows = '', times = '', note = ''] = text.split(/^== (?:times|note)\n/m);
  const [startedAt = 0, swappedAt = 0] = times.trim().split('\n').map(Number);
  const former = note.trim().split('\n');
  const ends = rows.split('\n').flatMap((row) => {
    const [local = '', peer = '', process = ''] = row.trim().split(/\s+/);
    const [here, there] = [socketEnd(local), socketEnd(peer)];
    return here === undefined || there === undefined ? [] : [{ here, there, process }];
  });
  // Both ends are on this host: the client's own row names its process.
  const programs = new Map(
    ends
      .filter(({ there }) => there.port === port)
      .map(({ here, process }) => [named(here), /\(\("([^"]+)"/.exec(process)?.[1] ?? 'a process']),
  );
  const found = ends
    .filter(({ here }) => here.port === port)
    .flatMap(({ there }): readonly Connection[] => {
      const program = programs.get(named(there));
      if (program !== undefined && OWN_PROGRAMS.has(program)) return [];
      const isOlder =
        startedAt > swappedAt
          ? false
          : former.includes('none')
            ? undefined
            : former.some((one) => named(socketEnd(one)) === named(there));
      const client = program === undefined ? there.address : `${program} (${there.address})`;
      return [{ client, port: there.port, isOlder }];
    });
  return [...new Map(found.map((one) => [`${one.client} ${one.port}`, one])).values()];
}

/** One end of a connection. */
export interface SocketEnd {
  readonly address: string;
  readonly port: number;
}

/** An end as `ss` writes it; undefined where the text is none. */
export function socketEnd(text: string): SocketEnd | undefined {
  const [, address, port] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (address === undefined) return undefined;
  const plain = address
    .replaceAll(/[[\]]/g, '')
    .replace(/^::ffff:/, '')
    .replace(/%.*$/, '');
  return { address: plain, port: Number(port) };
}

function named(one: SocketEnd | undefined): string {
  return one === undefined ? '' : `${one.address} ${one.port}`;
}
