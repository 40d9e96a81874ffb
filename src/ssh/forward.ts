import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { Failure } from '../failure/failure.ts';

// RFC 4254 §5.1
const ADMINISTRATIVELY_PROHIBITED = 1;
const CONNECT_FAILED = 2;

/**
 * A TCP connection that the server makes for us (RFC 4254 §7.2). Throws a Failure (unreachable) when nobody answers there,
 * or when sshd does not forward.
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
      const sentence =
        reason === CONNECT_FAILED
          ? `${name}: nobody answers at ${address} port ${port}`
          : `${name}: sshd does not forward a connection to ${address} port ${port}`;
      reject(
        new Failure('unreachable', sentence, {
          cause: error,
          next:
            reason === ADMINISTRATIVELY_PROHIBITED
              ? 'allow it in sshd_config there: AllowTcpForwarding local'
              : undefined,
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
