import type { Duplex } from 'node:stream';
import { Failure } from '../../failure/failure.ts';
import type { CertificatePair } from '../../pki/store/store.ts';
import { readPair } from '../../pki/store/store.ts';
import {
  askOver,
  type Credentials,
  type HttpAnswer,
  type HttpQuestion,
  SpeaksPlainly,
} from './http-port.ts';

/**
 * Asks a port of a member by HTTP: with a pair that it accepts, the admin's of the store unless told, and without TLS
 * where there is none or the listener says that it speaks none, as while a protocol is being switched. Gives nothing where
 * it is not answered with 200 within so many seconds.
 */
export async function askPort(
  dial: () => Promise<Duplex>,
  question: string | HttpQuestion,
  store: string,
  seconds = 5,
  visitor: Promise<CertificatePair | undefined> = adminOf(store),
): Promise<HttpAnswer | undefined> {
  const pair = await visitor;
  const one = typeof question === 'string' ? { path: question } : question;
  const answer = await asked(dial, one, pair && { pair }, seconds);
  return answer === 'plain' ? heard(await asked(dial, one, undefined, seconds)) : answer;
}

/** Whether a listener may be asked without TLS: it says that it speaks none, or the store has nobody to speak it as. */
export async function speaksPlainly(
  dial: () => Promise<Duplex>,
  store: string,
  seconds: number,
): Promise<boolean> {
  const pair = await adminOf(store);
  return (
    pair === undefined || (await asked(dial, { path: '/version' }, { pair }, seconds)) === 'plain'
  );
}

function heard(answer: HttpAnswer | 'plain' | undefined): HttpAnswer | undefined {
  return answer === 'plain' ? undefined : answer;
}

/** The admin of the store; undefined where it has none. */
export async function adminOf(store: string): Promise<CertificatePair | undefined> {
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
  question: HttpQuestion,
  credentials: Credentials | undefined,
  seconds: number,
): Promise<HttpAnswer | 'plain' | undefined> {
  try {
    return (await askOver(dial, [question], credentials, seconds))?.[0];
  } catch (error) {
    if (error instanceof SpeaksPlainly) return 'plain';
    // Nobody listens there; whether a member answers at all is asked in another way.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
