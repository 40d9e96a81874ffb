import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { askPort } from '../../facts/etcd/ask-port.ts';
import { type DialOutcome, howFailed } from '../../facts/etcd/dial-peers.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import type { CertificatePair } from '../../pki/store/store.ts';

/** How a TCP connection from one host to another's port went. */
export type Reach = DialOutcome;

/** Whom to speak TLS as: `nobody` where nothing at hand is accepted there, undefined where there is no TLS. */
export type Visitor = CertificatePair | 'nobody' | undefined;

const SECONDS = 3;

/** A port of a member, as a host sees it. */
export interface Place {
  readonly address: string;
  readonly port: number;
  /** Whether its listener is set up with TLS: then nothing is said to it in plain http. */
  readonly speaksTls: boolean;
}

/**
 * Connects from a host to a port of a member, by the scheme that listens there, and closes it: a connection that says nothing
 * leaves a line in etcd's log. No answer is believed only when it is the second one: a busy host is slow once.
 */
export async function reach(
  host: Host,
  place: Place,
  store: string,
  visitor: () => Promise<Visitor>,
): Promise<Reach> {
  const first = await connect(host, place, store, visitor);
  return first === 'no answer' ? await connect(host, place, store, visitor) : first;
}

async function connect(
  host: Host,
  { address, port, speaksTls }: Place,
  store: string,
  visitor: () => Promise<Visitor>,
): Promise<Reach> {
  let outcome: Reach = 'no answer';
  const dial = async (): Promise<Duplex> => {
    try {
      const stream = await host.dial(address, port);
      outcome = 'reached';
      stream.on('error', () => {
        // A connection that bash makes fails after it was given.
        outcome = 'unknown';
      });
      return stream;
    } catch (error) {
      if (error instanceof Failure)
        outcome = howFailed(error.cause instanceof Error ? error.cause.message : '');
      throw error;
    }
  };
  // sshd waits for a connection that is dropped for minutes.
  const asked = ask(dial, store, visitor, speaksTls).catch((error) => {
    if (!(error instanceof Failure)) throw error;
  });
  await Promise.race([asked, sleep(SECONDS * 1000 + 500, undefined, { ref: false })]);
  return outcome;
}

/**
 * Says what the listener understands; with nobody to speak TLS as, it only connects: plain http to a TLS port leaves a line
 * in etcd's log that looks like a peer of another protocol.
 */
async function ask(
  dial: () => Promise<Duplex>,
  store: string,
  visitor: () => Promise<Visitor>,
  speaksTls: boolean,
): Promise<void> {
  const found = await visitor();
  const pair = found === 'nobody' ? undefined : found;
  if (pair === undefined && speaksTls) {
    (await dial()).destroy();
    return;
  }
  await askPort(dial, '/version', store, SECONDS, Promise.resolve(pair));
}
