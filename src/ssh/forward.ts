import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

// RFC 4254 §5.1
const ADMINISTRATIVELY_PROHIBITED = 1;
const CONNECT_FAILED = 2;

/** The server's own system would try for two minutes where packets are dropped. */
const CONNECT_SECONDS = 5;

const NOBODY = [
  remedy`see whether the program there runs and listens, and whether a firewall is in between`,
];

/** sshd is told not to forward. */
export class ForwardingDenied extends Failure {
  override readonly name = 'ForwardingDenied';
}

/**
 * A TCP connection that the server makes for us (RFC 4254 §7.2). Throws a Failure (unreachable) when nobody answers there
 * within so many seconds (5),
 * ForwardingDenied when sshd does not forward.
 */
export function forward(
  client: Client,
  name: string,
  address: string,
  port: number,
  seconds = CONNECT_SECONDS,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
      if (reason === CONNECT_FAILED) {
        const sentence = `${name}: nobody answers at ${address} port ${port}`;
        return reject(new Failure('unreachable', sentence, { cause: error, next: NOBODY }));
      }
      const isDenied = reason === ADMINISTRATIVELY_PROHIBITED;
      const sentence = `${name}: sshd does not forward a connection to ${address} port ${port}`;
      const next = [remedy`allow it in sshd_config there: AllowTcpForwarding local`];
      reject(
        isDenied
          ? new ForwardingDenied('unreachable', sentence, { cause: error, next })
          : new Failure('unreachable', sentence, { cause: error, next: NOBODY }),
      );
    };
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      const sentence = `${name}: no answer from ${address} port ${port} within ${seconds} s`;
      reject(new Failure('unreachable', sentence, { next: NOBODY }));
    }, seconds * 1000);
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (error) return fail(error);
        clearTimeout(timer);
        if (isLate) stream.destroy();
        else resolve(stream);
      });
    } catch (error) {
      // ssh2 throws when the connection was lost a moment ago.
      fail(error);
    }
  });
}
