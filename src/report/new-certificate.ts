import { describeCertificate } from '../pki/verify/describe.ts';
import type { CertificateFact } from '../pki/verify/inspect.ts';

/** Prints a certificate that was just made and the files it was written to, for people or as JSON. */
export function printNewCertificate(
  certificate: CertificateFact,
  files: readonly string[],
  now: Date,
  json: boolean,
): void {
  if (json) {
    console.log(JSON.stringify({ files, certificate }, undefined, 2));
    return;
  }
  console.log(describeCertificate(certificate, now));
  for (const file of files) console.log(`wrote ${file}`);
}
