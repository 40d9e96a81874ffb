import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../../../src/lab/local-command.ts';

/** A certificate and its key, as files of this machine. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export interface CaWish {
  /** Names of the files in the directory. */
  readonly files: readonly [certificate: string, key: string];
  readonly subject: string;
  readonly days: number;
  readonly bits?: number;
  /** Lines as openssl's configuration has them; those of its own default unless told. */
  readonly extensions?: readonly string[];
}

/** A root as `openssl req -x509` makes it. */
export async function caBy(directory: string, wish: CaWish): Promise<Pair> {
  const { files, subject, days, bits = 2048, extensions = [] } = wish;
  const pair = { certificate: join(directory, files[0]), key: join(directory, files[1]) };
  await mkdir(directory, { recursive: true });
  await openssl('make a CA', [
    ...['req', '-x509', '-new', '-nodes', '-sha256', '-newkey', `rsa:${bits}`],
    ...['-keyout', pair.key, '-out', pair.certificate, '-subj', subject, '-days', String(days)],
    ...extensions.flatMap((line) => ['-addext', line]),
  ]);
  return pair;
}

export interface LeafWish extends CaWish {
  readonly extensions: readonly string[];
}

/** A certificate by `openssl req` and `openssl x509 -req`. */
export async function signedBy(ca: Pair, directory: string, wish: LeafWish): Promise<Pair> {
  const { files, subject, days, bits = 2048, extensions } = wish;
  const pair = { certificate: join(directory, files[0]), key: join(directory, files[1]) };
  const request = `${pair.certificate}.csr`;
  const lines = `${pair.certificate}.ext`;
  await mkdir(directory, { recursive: true });
  await openssl('ask for a certificate', [
    ...['req', '-new', '-nodes', '-sha256', '-newkey', `rsa:${bits}`],
    ...['-keyout', pair.key, '-out', request, '-subj', subject],
  ]);
  await writeFile(lines, `${extensions.join('\n')}\n`);
  await openssl('sign a certificate', [
    ...['x509', '-req', '-sha256', '-in', request, '-out', pair.certificate],
    ...['-CA', ca.certificate, '-CAkey', ca.key, '-days', String(days)],
    ...['-set_serial', `0x${randomBytes(8).toString('hex').replace(/^./, '1')}`],
    ...['-extfile', lines],
  ]);
  return pair;
}

/** The value of subjectAltName for these names and addresses. */
export function altNames(dns: readonly string[], addresses: readonly string[]): string {
  return [...dns.map((name) => `DNS:${name}`), ...addresses.map((one) => `IP:${one}`)].join(',');
}

/** The signing CA's list of what it has taken back, in PEM, by `openssl ca -gencrl`; nothing is on it. */
export async function emptyCrl(ca: Pair, directory: string): Promise<string> {
  const at = (file: string) => join(directory, file);
  await writeFile(at('index.txt'), '');
  await writeFile(at('crlnumber'), '02\n');
  await writeFile(
    at('ca.cnf'),
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${at('index.txt')}\ncrlnumber = ${at('crlnumber')}\ndefault_md = sha256\ndefault_crl_days = 30\n`,
  );
  const words = ['ca', '-gencrl', '-config', at('ca.cnf'), '-out', at('crl.pem')];
  await openssl('make a CRL', [...words, '-cert', ca.certificate, '-keyfile', ca.key]);
  return at('crl.pem');
}

async function openssl(purpose: string, args: readonly string[]): Promise<void> {
  await must(purpose, 'openssl', args);
}
