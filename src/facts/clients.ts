import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { sh } from '../shell/command.ts';

/** Remote addresses with an open connection to a TCP port of the host, each once; empty where `ss` is missing. */
export async function remoteClients(host: Host, port: number): Promise<readonly string[]> {
  const { stdout } = await must(
    host,
    `see who is connected to port ${port}`,
    sh`ss -Htn state established ${`( sport = :${port} )`} 2>/dev/null || true`,
  );
  const addresses = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).at(-1) ?? '')
    .map((peer) =>
      peer
        .replace(/:\d+$/, '')
        .replaceAll(/[[\]]/g, '')
        .replace(/^::ffff:/, ''),
    )
    .filter((address) => address !== '');
  return [...new Set(addresses)].sort();
}
