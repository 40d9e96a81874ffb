import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';

/** A member as others dial it. */
export interface Peer {
  readonly name: string;
  readonly peerUrl: string;
}

/** etcd keeps two streams of its own to each peer (server/etcdserver/api/rafthttp/peer.go). */
const STREAMS = 2;
const LOOKS = 3;

/**
 * The names of the peers to which this host keeps its streams, from what its kernel says: connections that are there in
 * three looks within 0.6 s. One whose handshake fails is tried again and again, and never the same one for so long.
 */
export async function askStreams(host: Host, peers: readonly Peer[]): Promise<ReadonlySet<string>> {
  const places = peers.map(({ name, peerUrl }) => ({ name, ...placeOf(peerUrl) }));
  const { stdout } = await host.run(sh`for name in ${places.map(({ address }) => address)}; do
  getent ahosts "$name" | while read -r address _; do echo "at $name $address"; done
done | sort -u
i=0; while [ $i -lt ${LOOKS} ]; do
  ss -Htn state established | while read -r _ _ own there _; do echo "to $own $there"; done
  i=$((i + 1)); [ $i -eq ${LOOKS} ] || sleep 0.3
done`);
  return readStreams(stdout, places);
}

/** The names of the peers that the looks show enough lasting connections to. */
export function readStreams(
  said: string,
  places: readonly { readonly name: string; readonly address: string; readonly port: string }[],
): ReadonlySet<string> {
  const lines = said.split('\n');
  const lasting = [...new Set(lines)].filter(
    (line) => line.startsWith('to ') && lines.filter((one) => one === line).length === LOOKS,
  );
  const reached = places.filter(({ address, port }) => {
    const known = lines.flatMap((line) => {
      const [, name, found = ''] = /^at (\S+) (\S+)$/.exec(line) ?? [];
      return name === address ? [found] : [];
    });
    const ends = [address, ...known].flatMap((one) => [`${one}:${port}`, `[${one}]:${port}`]);
    return lasting.filter((line) => ends.includes(line.split(' ')[2] ?? '')).length >= STREAMS;
  });
  return new Set(reached.map(({ name }) => name));
}

function placeOf(peerUrl: string): { readonly address: string; readonly port: string } {
  const { hostname, port } = new URL(peerUrl);
  return { address: hostname.replace(/[[\]]/g, ''), port };
}
