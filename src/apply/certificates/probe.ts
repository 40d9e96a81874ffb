import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { Failure } from '../../failure/failure.ts';
import type { CertificatePair } from '../../pki/store/store.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';

/** What a listener did with a client certificate. */
export type ProbeVerdict = 'accepted' | 'refused';

export interface ProbeResult {
  readonly verdict: ProbeVerdict;
  /** The certificate the listener showed, as DER; absent when the handshake did not get that far. */
  readonly served: Buffer | undefined;
  /** What ended a refused connection. */
  readonly complaint: string;
}

const SECONDS = 5;

/**
 * Opens a fresh TLS connection over the stream, shows the pair, and asks for /version, which etcd answers on client and
 * peer ports alike. Only an answer proves acceptance: with TLS 1.3 a client learns that it was refused after its own
 * handshake is complete. Throws a Failure (unreachable) when nothing comes within 5 s.
 */
export function probe(
  name: string,
  stream: Duplex,
  pair: CertificatePair | undefined,
): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      socket: stream,
      // What is served is judged by the caller, whatever its CA.
      rejectUnauthorized: false,
      ...(pair !== undefined && { cert: pair.certificate, key: pair.key.reveal() }),
    });
    let served: Buffer | undefined;
    const end = (verdict: ProbeVerdict, complaint: string) => {
      clearTimeout(timer);
      served ??= socket.getPeerX509Certificate()?.raw;
      socket.destroy();
      stream.destroy();
      resolve({ verdict, served, complaint });
    };
    const timer = setTimeout(() => {
      socket.destroy();
      stream.destroy();
      reject(
        new Failure('unreachable', `${name}: no answer to a TLS connection within ${SECONDS} s`, {
          next: [remedy`see why: ${provision('doctor', INVENTORY)}`],
        }),
      );
    }, SECONDS * 1000);

    socket.once('secureConnect', () => {
      served = socket.getPeerX509Certificate()?.raw;
      socket.write('GET /version HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n\r\n');
    });
    socket.once('data', () => end('accepted', ''));
    socket.once('error', (error) => end('refused', error.message));
    socket.once('close', () => end('refused', 'the connection was closed'));
  });
}
