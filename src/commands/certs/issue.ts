import { resolve } from 'node:path';
import { Failure } from '../../failure/failure.ts';
import { recordIssued } from '../../pki/issue/issued.ts';
import { inspectCertificate } from '../../pki/verify/inspect.ts';
import { remedy } from '../../problem/remedy.ts';
import { printNewCertificate } from '../../report/new-certificate.ts';
import { openAuthority } from './authority.ts';
import { refuseExisting, writeOutput } from './files.ts';
import { issueByCfssl } from './issue-cfssl.ts';
import { issueByOrder } from './issue-order.ts';
import type { IssueArguments } from './options.ts';

/** Makes a certificate and writes it in the forms asked for. */
export async function certsIssue(args: IssueArguments): Promise<void> {
  const isCfssl = args.request !== undefined;
  if (isCfssl && args.csr !== undefined) {
    throw new Failure('usage', '--request makes a key of its own, --csr has one: give only one', {
      next: [remedy`leave one of --request and --csr out`],
    });
  }
  const now = new Date();
  const authority = await openAuthority(args, now);
  const { certificate, outputs } = isCfssl
    ? await issueByCfssl(args, authority.ca, now)
    : await issueByOrder(args, authority, now);
  if (authority.store !== undefined) {
    // Before anybody has it, so that none is out that the store does not know.
    await refuseExisting(args.out, outputs, args.overwrite);
    const file = outputs.find(({ name }) => /(?<!-key)\.(?:crt|pem|p12)$/.test(name));
    const where = resolve(args.out, file?.name ?? '.');
    const place = { kind: 'file', where } as const;
    await recordIssued(authority.store, certificate, authority.ca.fact, place, now);
  }
  const files = await writeOutput(args.out, outputs, args.overwrite);

  printNewCertificate(inspectCertificate(certificate), files, now, args.json);
}
