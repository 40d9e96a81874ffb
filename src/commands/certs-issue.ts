import { Failure } from '../failure/failure.ts';
import { describeCertificate } from '../pki/describe.ts';
import { inspectCertificate } from '../pki/inspect.ts';
import { openAuthority } from './certs-authority.ts';
import { writeOutput } from './certs-files.ts';
import { issueByCfssl } from './certs-issue-cfssl.ts';
import { issueByOrder } from './certs-issue-order.ts';
import type { IssueArguments } from './certs-options.ts';

/** Makes a certificate and writes it in the forms asked for. */
export async function certsIssue(args: IssueArguments): Promise<void> {
  const isCfssl = args.request !== undefined;
  if (isCfssl && args.csr !== undefined) {
    throw new Failure('usage', '--request makes a key of its own, --csr has one: give only one');
  }
  const now = new Date();
  const authority = await openAuthority(args, now);
  const { certificate, outputs } = isCfssl
    ? await issueByCfssl(args, authority.ca, now)
    : await issueByOrder(args, authority, now);
  const files = await writeOutput(args.out, outputs, args.overwrite);

  const fact = inspectCertificate(certificate);
  if (args.json) {
    console.log(JSON.stringify({ files, certificate: fact }, undefined, 2));
    return;
  }
  console.log(describeCertificate(fact, now));
  for (const file of files) console.log(`wrote ${file}`);
}
