import type { Duplex } from 'node:stream';
import { Failure } from '../failure/failure.ts';
import type { CertificatePair } from '../pki/store.ts';
import { readPair } from '../pki/store.ts';
import { askOver, type Credentials, type HttpAnswer } from './http-port.ts';

/**
 * Asks a port of a member by HTTP, first with the admin's pair from the store, then without TLS: while a protocol is being
 * switched it may speak either. Gives nothing where neither is answered with 200 within so many seconds, or nothing at all
 * is said.
 */
export async function askPort(
  dial: () => Promise<Duplex>,
  path: string,
  store: string,
  seconds = 5,
): Promise<HttpAnswer | undefined> {
  const pair = await adminOf(store);
  const ask = (as: Credentials | undefined) => asked(dial, path, as, seconds);
  const began = performance.now();
  const answer = pair && (await ask({ pair }));
  // Who speaks without TLS says so at once; a process that is frozen says nothing in any way. Timers are not exact.
  const isSilent = performance.now() - began > seconds * 900;
  return answer !== undefined || isSilent ? answer : ask(undefined);
}

async function adminOf(store: string): Promise<CertificatePair | undefined> {
  try {
    return await readPair(store, 'admin');
  } catch (error) {
    // A cluster without TLS has none.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function asked(
  dial: () => Promise<Duplex>,
  path: string,
  credentials: Credentials | undefined,
  seconds: number,
): Promise<HttpAnswer | undefined> {
  try {
    return (await askOver(dial, [{ path }], credentials, seconds))?.[0];
  } catch (error) {
    // Nobody listens there; whether a member answers at all is asked in another way.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
