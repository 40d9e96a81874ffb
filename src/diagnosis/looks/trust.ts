import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Fact } from '../../facts/fact.ts';
import { Failure } from '../../failure/failure.ts';
import { pemBlocks } from '../../pki/encoding/pem.ts';
import { sh } from '../../shell/command.ts';

/** Why etcd cannot use a file. */
interface FileTrouble {
  readonly kind: 'missing' | 'unreadable' | 'no-access' | 'empty' | 'no-pem';
  /** The same as the end of a sentence. */
  readonly says: string;
}

/** A certificate file as the account of etcd finds it. */
export interface PemFact {
  readonly path: string;
  /** Undefined where etcd can use it. */
  readonly trouble: FileTrouble | undefined;
  readonly certificates: readonly X509Certificate[];
}

/** A file of certificates that a member is set up with. */
export const pemFact = (path: string): Fact<PemFact> => ({
  ask: sh`[ -e ${path} ] || exit 3
head -c 65536 -- ${path}`,
  read({ exitCode, stdout }) {
    const bad = (kind: FileTrouble['kind'], says: string) => ({
      ...{ path, trouble: { kind, says }, certificates: [] },
    });
    if (exitCode === 3) return bad('missing', 'is missing');
    if (exitCode !== 0) return bad('unreadable', 'cannot be read');
    if (stdout.trim() === '') return bad('empty', 'is empty');
    try {
      const found = pemBlocks(stdout, path).filter(({ label }) => label === 'CERTIFICATE');
      if (found.length === 0) return bad('no-pem', 'holds no certificate in PEM');
      return {
        path,
        trouble: undefined,
        certificates: found.map(({ der }) => new X509Certificate(der)),
      };
    } catch (error) {
      if (error instanceof Failure || isDecoding(error))
        return bad('no-pem', 'holds no certificate that can be read');
      throw error;
    }
  },
});

// node's own errors of openssl, which has no class of its own for them.
function isDecoding(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_OSSL');
}

/** A key file as the account of etcd finds it; nothing of it leaves the host but the hash of its public half. */
export interface KeyFact {
  readonly path: string;
  readonly trouble: FileTrouble | undefined;
  /** SHA-256 of its public key in DER; undefined where the host has no openssl. */
  readonly publicKey: string | undefined;
}

/** A private key that a member is set up with. */
export const keyFact = (path: string, account: string): Fact<KeyFact> => ({
  ask: sh`[ -e ${path} ] || { echo missing; exit; }
if command -v runuser >/dev/null && getent passwd ${account} >/dev/null; then
  runuser -u ${account} -- test -r ${path} || { echo unreadable; exit; }
fi
[ -s ${path} ] || { echo empty; exit; }
grep -q -- '-----BEGIN .*PRIVATE KEY-----' ${path} || { echo nopem; exit; }
command -v openssl >/dev/null || exit 0
public=$(openssl pkey -in ${path} -pubout -outform DER 2>/dev/null | sha256sum)
openssl pkey -in ${path} -noout 2>/dev/null || { echo nopem; exit; }
echo "public=\${public%% *}"`,
  read({ stdout }) {
    const word = stdout.trim();
    const troubles: Readonly<Record<string, FileTrouble>> = {
      missing: { kind: 'missing', says: 'is missing' },
      unreadable: { kind: 'no-access', says: `cannot be read by the account ${account}` },
      empty: { kind: 'empty', says: 'is empty' },
      nopem: { kind: 'no-pem', says: 'holds no private key in PEM' },
    };
    const trouble = troubles[word];
    return { path, trouble, publicKey: /^public=([0-9a-f]{64})$/.exec(word)?.[1] };
  },
});

/** Whether a CA of the bundle, by way of what the file itself brings along, has signed the first certificate of a file. */
export function isTrusted(
  [leaf, ...chain]: readonly X509Certificate[],
  bundle: readonly X509Certificate[],
): boolean {
  let current = leaf;
  for (let steps = 0; current !== undefined && steps < 8; steps++) {
    const child = current;
    if (bundle.some((ca) => signed(ca, child))) return true;
    current = chain.find((one) => one !== child && signed(one, child));
  }
  return false;
}

function signed(ca: X509Certificate, child: X509Certificate): boolean {
  return child.checkIssued(ca) && child.verify(ca.publicKey);
}

/** Whether a certificate names a host as it is dialled. */
export function namesHost(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) > 0 ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;
}

/** What a certificate names, for a person. */
export function describeNames(certificate: X509Certificate): string {
  return (certificate.subjectAltName ?? 'nothing').replaceAll(/IP Address:|DNS:/g, '');
}
