import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

// RFC 4254 §5.1
const ADMINISTRATIVELY_PROHIBITED = 1;
const CONNECT_FAILED = 2;

/** sshd is told not to forward. */
export class ForwardingDenied extends Failure {
  override readonly name = 'ForwardingDenied';
}

/**
 * A TCP connection that the server makes for us (RFC 4254 §7.2). Throws a Failure (unreachable) when nobody answers there,
 * ForwardingDenied when sshd does not forward.
 */
export function forward(
  client: Client,
  name: string,
  address: string,
  port: number,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
      if (reason === CONNECT_FAILED) {
        const sentence = `${name}: nobody answers at ${address} port ${port}`;
        return reject(
          new Failure('unreachable', sentence, {
            cause: error,
            next: [
              remedy`see whether the program there runs and listens, and whether a firewall is in between`,
            ],
          }),
        );
      }
      const isDenied = reason === ADMINISTRATIVELY_PROHIBITED;
      const sentence = `${name}: sshd does not forward a connection to ${address} port ${port}`;
      const next = [remedy`allow it in sshd_config there: AllowTcpForwarding local`];
      reject(
        isDenied
          ? new ForwardingDenied('unreachable', sentence, { cause: error, next })
          : new Failure('unreachable', sentence, {
              cause: error,
              next: [
                remedy`see whether the program there runs and listens, and whether a firewall is in between`,
              ],
            }),
      );
    };
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) =>
        error ? fail(error) : resolve(stream),
      );
    } catch (error) {
      // ssh2 throws when the connection was lost a moment ago.
      fail(error);
    }
  });
}
