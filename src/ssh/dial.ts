import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a TCP connection may take to a host that may be far away. */
export const DIAL_SECONDS = 10;

/** A TCP connection being made; it fails like any socket, and after 10 s without an answer. */
export function dial(host: string, port: number): Duplex {
  const socket = connect({
    host,
    port,
    noDelay: true,
    // Node gives each address of a name 250 ms, too little for a far one.
    autoSelectFamilyAttemptTimeout: 3000,
  });
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no answer within ${DIAL_SECONDS} s`));
  }, DIAL_SECONDS * 1000);
  const stop = () => clearTimeout(timer);
  return socket.once('connect', stop).once('close', stop);
}

/** Destroys the stream once nothing was heard on it for so many seconds: how a dead link shows. */
export function destroyWhenSilent(stream: Duplex, seconds: number): void {
  const timer = setTimeout(() => {
    stream.destroy(new Error(`nothing heard for ${seconds} s`));
  }, seconds * 1000);
  timer.unref();
  stream.on('data', () => timer.refresh());
  stream.on('close', () => clearTimeout(timer));
}
