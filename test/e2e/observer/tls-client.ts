import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';

/** A client's files; none for a client without a certificate. */
export interface ClientPair {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What one listener does with one client: the serial it shows, and whether it answers a request. */
export interface Met {
  readonly serial: string;
  readonly answers: boolean;
}

/**
 * Meets a listener with a fresh handshake and asks for /version, which etcd answers on client and peer ports alike. Shares
 * no code with the product. Gives up after 5 s.
 */
export function meet(address: string, port: number, pair?: ClientPair): Promise<Met> {
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      rejectUnauthorized: false,
      ...(pair && { cert: readFileSync(pair.certFile), key: readFileSync(pair.keyFile) }),
    });
    let serial = '';
    const end = (answers: boolean) => {
      clearTimeout(timer);
      serial ||= socket.getPeerX509Certificate()?.serialNumber ?? '';
      socket.destroy();
      resolve({ serial: serial.toLowerCase(), answers });
    };
    const timer = setTimeout(() => end(false), 5000);
    socket
      .once('secureConnect', () => {
        serial = socket.getPeerX509Certificate()?.serialNumber ?? '';
        socket.write('GET /version HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n\r\n');
      })
      .once('data', () => end(true))
      .once('error', () => end(false))
      .once('close', () => end(false));
  });
}
