import { X509Certificate } from 'node:crypto';

/** The certificate of a bundle that has signed this one; undefined where none has. */
export function signerIn(pem: string, bundle: string): X509Certificate | undefined {
  const leaf = new X509Certificate(pem);
  return certificatesIn(bundle).find((one) => leaf.verify(one.publicKey));
}

/** Whether a certificate of a bundle has issued another one of it. */
export function hasIssuedIn(one: X509Certificate, bundle: string): boolean {
  return certificatesIn(bundle).some(
    (other) => other.fingerprint256 !== one.fingerprint256 && other.checkIssued(one),
  );
}

function certificatesIn(bundle: string): readonly X509Certificate[] {
  return bundle
    .split(/(?<=-----END [A-Z0-9 ]*CERTIFICATE-----)/)
    .filter((one) => one.includes('BEGIN'))
    .map((one) => new X509Certificate(one.trim()));
}
