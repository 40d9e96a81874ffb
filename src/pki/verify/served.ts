import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import type { CertificatePair } from '../store/store.ts';

/** Where a TLS listener is: an address of its own, or a stream that leads to it, such as a tunnel. */
export type Listener =
  | { readonly host: string; readonly port: number }
  | { readonly stream: Duplex };

export interface ServedOptions {
  /** For messages: `etcd01 client port`. */
  readonly name: string;
  /** What to show when asked for a certificate; etcd tells its own before it looks. */
  readonly pair?: CertificatePair | undefined;
  /** Seconds; 5 unless told. */
  readonly deadline?: number | undefined;
}

/**
 * The certificate a listener shows in a fresh handshake, as DER. Nothing is trusted: what answers is only looked at.
 * Throws a Failure (unreachable) when nobody answers in time or the answer is not TLS.
 */
export function servedCertificate(listener: Listener, options: ServedOptions): Promise<Buffer> {
  const { name, pair, deadline = 5 } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...('stream' in listener ? { socket: listener.stream } : listener),
      // Looking at an expired or foreign certificate is the purpose.
      rejectUnauthorized: false,
      ...(pair !== undefined && { cert: pair.certificate, key: pair.key.reveal() }),
    });
    const end = (error?: Error) => {
      const raw = shown(socket);
      clearTimeout(timer);
      socket.destroy();
      // With TLS 1.2 a listener that wants a client certificate ends the handshake, but has shown its own by then.
      if (raw !== undefined) resolve(raw);
      else
        reject(
          new Failure('unreachable', `${name}: shows no certificate`, {
            cause: error,
            next: [remedy`see that it listens there with TLS, and that no firewall is in between`],
          }),
        );
    };
    const timer = setTimeout(() => end(new Error(`no answer in ${deadline} s`)), deadline * 1000);
    socket
      .once('secureConnect', () => end())
      .once('error', end)
      .once('close', () => end());
  });
}

function shown(socket: TLSSocket): Buffer | undefined {
  return socket.getPeerX509Certificate()?.raw;
}
