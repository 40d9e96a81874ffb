import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type PeerCertificate } from 'node:tls';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { type Endpoint, kvClient } from './kv-client.ts';

/** The certificate a listener shows to a fresh TLS handshake, by any signer. */
export async function shownCertificate(
  address: string,
  port: number,
  client?: { readonly certFile: string; readonly keyFile: string },
): Promise<PeerCertificate> {
  const socket = connect({
    host: address,
    port,
    rejectUnauthorized: false,
    timeout: 5000,
    ...(client && { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) }),
  });
  // A listener that wants a certificate of ours may hang up after showing its own.
  socket.on('error', () => {});
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate();
  } finally {
    socket.destroy();
  }
}

/** Why a client is refused at an endpoint, in the connection's words or etcd's; undefined when it is served. */
export async function refusal(endpoint: Endpoint): Promise<string | undefined> {
  const client = kvClient(endpoint);
  try {
    await client.range('probe', '', 1, 3000);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    client.close();
  }
}

/** Everything on a host by which a change or a restart shows: files with times and inodes, and the unit's run. */
export async function traces(host: LabHost, unit = 'etcd'): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`find /etc/etcd /opt/etcd /etc/systemd/system -printf '%p %y %m %u:%g %s %i %T@ %C@ %l\n' 2>/dev/null | sort
systemctl show ${unit} --property=InvocationID,MainPID,NRestarts,ExecMainStartTimestampMonotonic`,
  );
  return stdout;
}
