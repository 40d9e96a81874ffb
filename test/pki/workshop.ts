import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import type { Draft } from '../../src/pki/issue/draft.ts';
import { leafKeyUsages, type SigningCa, signCa, signLeaf } from '../../src/pki/issue/sign.ts';
import { generateKey, type KeyKind } from '../../src/pki/keys/keys.ts';
import { inspectCertificate } from '../../src/pki/verify/inspect.ts';

const run = promisify(execFile);

export const NOW = new Date('2026-11-21T12:00:00Z');
export const P256: KeyKind = { algo: 'ecdsa', size: 256 };

/** A directory that goes when the test ends. */
export async function scratch(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'provision-pki-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** What the real openssl prints; throws with its stderr when it does not exit 0. */
export async function openssl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('openssl', [...args]);
  return stdout;
}

/** A signing request that the real openssl makes with a new key. */
export async function foreignRequest(
  t: ExecutionContext,
  newKey: readonly string[],
  ...more: readonly string[]
): Promise<string> {
  const key = join(await scratch(t), 'request.key');
  const made = ['-new', '-newkey', ...newKey, '-nodes', '-keyout', key, '-subj', '/CN=x'];
  return await openssl('req', ...made, ...more);
}

/** A CA in memory. */
export async function makeCa(
  changes: Partial<Draft> = {},
  kind: KeyKind = P256,
  now = NOW,
): Promise<SigningCa> {
  const { privateKey, publicKey } = await generateKey(kind);
  const certificate = await signCa(
    {
      subject: [{ type: 'CN', value: 'test-ca' }],
      names: [],
      usages: [],
      keyUsages: ['keyCertSign', 'cRLSign'],
      ca: { pathLength: 0 },
      publicKey,
      hours: 87_600,
      ...changes,
    },
    privateKey,
    now,
  );
  return { certificate, fact: inspectCertificate(certificate), key: privateKey };
}

/** A leaf in memory with its key. */
export async function makeLeaf(
  ca: SigningCa,
  changes: Partial<Draft> = {},
  kind: KeyKind = P256,
  now = NOW,
) {
  const { privateKey } = await generateKey(kind);
  const certificate = await signLeaf(
    {
      subject: [{ type: 'CN', value: 'etcd01' }],
      names: ['etcd01', '198.18.0.1'],
      usages: ['serverAuth', 'clientAuth'],
      keyUsages: leafKeyUsages(kind),
      publicKey: createPublicKey(privateKey),
      hours: 8_760,
      ...changes,
    },
    ca,
    now,
  );
  return { certificate, privateKey };
}

/** A self-signed certificate made by the real openssl, with the extensions as its configuration spells them. */
export async function foreignCertificate(
  directory: string,
  subject: string,
  extensions: readonly string[],
  ...more: readonly string[]
): Promise<{ certificate: string; key: string }> {
  const certificate = join(directory, 'foreign.crt');
  const key = join(directory, 'foreign.key');
  const config = join(directory, 'foreign.cnf');
  await writeFile(
    config,
    `[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\n${extensions.join('\n')}\n`,
  );
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-utf8',
    '-config',
    config,
    '-subj',
    subject,
    '-keyout',
    key,
    '-out',
    certificate,
    '-days',
    '30',
    ...more,
  );
  return { certificate, key };
}
