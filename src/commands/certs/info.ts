import { readFile, stat } from 'node:fs/promises';
import { Failure } from '../../failure/failure.ts';
import { inspectRequest } from '../../pki/encoding/csr.ts';
import { pemBlocks } from '../../pki/encoding/pem.ts';
import {
  describeCertificate,
  describeCrl,
  describeRequest,
  whyCaUnfitForEtcd,
} from '../../pki/verify/describe.ts';
import { inspectDer } from '../../pki/verify/inspect.ts';
import { inspectCrl } from '../../pki/verify/inspect-crl.ts';
import { servedCertificate } from '../../pki/verify/served.ts';
import { remedy } from '../../problem/remedy.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsInfoOptions } from './options.ts';

interface Shown {
  readonly kind: 'certificate' | 'request' | 'crl';
  readonly fact: object;
  readonly text: string;
}

const MAX_BYTES = 16 * 1024 * 1024;

/** Prints what a file or a listener shows. */
export async function certsInfo({
  what,
  json,
}: ArgumentsOf<typeof certsInfoOptions>): Promise<void> {
  const shown = await look(what, new Date());
  if (json) {
    console.log(
      JSON.stringify(
        shown.map(({ kind, fact }) => ({ kind, ...fact })),
        undefined,
        2,
      ),
    );
  } else {
    for (const [at, { text }] of shown.entries()) console.log(at === 0 ? text : `\n${text}`);
  }
}

async function look(what: string, now: Date): Promise<readonly Shown[]> {
  const isFile = await stat(what).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return read(what, await readSmall(what), now);
  const listener = /^(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})$/.exec(what);
  if (listener === null) {
    throw new Failure('usage', `${what}: is neither a file nor HOST:PORT`, {
      next: [remedy`name a file that exists, or a listener such as 192.0.2.1:2379`],
    });
  }
  const [, bracketed, plain = '', port] = listener;
  const der = await servedCertificate(
    { host: bracketed ?? plain, port: Number(port) },
    { name: what },
  );
  return [certificate(der, what, now)];
}

function read(path: string, bytes: Buffer, now: Date): readonly Shown[] {
  if (!bytes.includes('-----BEGIN ')) return [readDer(path, bytes, now)];
  const text = bytes.toString('utf8');
  const shown = pemBlocks(text, path).flatMap(({ label, der }): readonly Shown[] => {
    if (label.endsWith('CERTIFICATE')) return [certificate(der, path, now)];
    if (label.endsWith('CERTIFICATE REQUEST')) return [request(text, path)];
    return label === 'X509 CRL' ? [crl(bytes, path, now)] : [];
  });
  if (shown.length > 0) return shown;
  throw new Failure('usage', `${path}: holds no certificate, request or revocation list`, {
    next: [remedy`a key says nothing about its holder; give the certificate`],
  });
}

// DER does not say what it is: a revocation list is tried where it is not a certificate.
function readDer(path: string, bytes: Buffer, now: Date): Shown {
  try {
    return certificate(bytes, path, now);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    try {
      return crl(bytes, path, now);
    } catch (second) {
      if (!(second instanceof Failure)) throw second;
      throw new Failure('usage', `${path}: holds neither a certificate nor a revocation list`, {
        next: [remedy`name a file with certificates or one revocation list, in PEM or DER`],
      });
    }
  }
}

function certificate(der: Buffer, source: string, now: Date): Shown {
  const fact = inspectDer(der, source);
  const unfit = whyCaUnfitForEtcd(fact, now);
  const said = unfit === undefined ? fact : { ...fact, unfit };
  return { kind: 'certificate', fact: said, text: describeCertificate(fact, now) };
}

function request(text: string, source: string): Shown {
  const { fact } = inspectRequest(text, source);
  return { kind: 'request', fact, text: describeRequest(fact) };
}

function crl(bytes: Buffer, source: string, now: Date): Shown {
  const { fact } = inspectCrl(bytes, source);
  return { kind: 'crl', fact, text: describeCrl(fact, now) };
}

async function readSmall(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MAX_BYTES)
    throw new Failure('usage', `${path}: has ${size} bytes; no certificate has`, {
      next: [remedy`name a file with certificates or one revocation list`],
    });
  return readFile(path).catch((error: unknown) => {
    throw new Failure('usage', `${path}: could not be read`, {
      cause: error,
      next: [remedy`name a file that you may read`],
    });
  });
}
