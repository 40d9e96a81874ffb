import { basename } from 'node:path';
import { Failure } from '../../failure/failure.ts';
import { cfsslGenCert, profileOf } from '../../pki/issue/cfssl.ts';
import { readCfsslConfig, readCfsslRequest } from '../../pki/issue/cfssl-json.ts';
import type { SigningCa } from '../../pki/issue/sign.ts';
import { provision, remedy } from '../../problem/remedy.ts';
import { warn } from '../../report/warn.ts';
import { type OutputFile, plainName } from './files.ts';
import { readInput } from './read-input.ts';

interface CfsslArguments {
  readonly request?: string | undefined;
  readonly config?: string | undefined;
  readonly profile?: string | undefined;
  readonly name?: string | undefined;
}

/** `cfssl gencert -ca … -config … -profile … X-csr.json | cfssljson -bare X` */
export async function issueByCfssl(
  args: CfsslArguments,
  ca: SigningCa,
  now: Date,
): Promise<{ readonly certificate: string; readonly outputs: readonly OutputFile[] }> {
  const { request = '', config } = args;
  if (config === undefined) {
    throw new Failure(
      'usage',
      `${request}: without --config nothing says what it may be used for`,
      {
        next: [remedy`${provision('certs', 'print-defaults', 'config')} > ca-config.json`],
      },
    );
  }
  const profile = profileOf(
    readCfsslConfig(await readInput(config), config, warn),
    args.profile,
    config,
  );
  const made = await cfsslGenCert(
    readCfsslRequest(await readInput(request), request, warn),
    profile,
    ca,
    config,
    now,
  );
  const stem = plainName(args.name ?? basename(request).replace(/(-csr)?\.json$/, ''));
  const outputs = [
    { name: `${stem}-key.pem`, content: made.key },
    { name: `${stem}.csr`, content: made.request },
    { name: `${stem}.pem`, content: made.certificate },
  ];
  return { certificate: made.certificate, outputs };
}
