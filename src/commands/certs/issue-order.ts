import type { KeyObject } from 'node:crypto';
import type { CertificateDefaults } from '../../desired/certificates.ts';
import { Failure } from '../../failure/failure.ts';
import { commonName, type DistinguishedName } from '../../pki/encoding/distinguished-name.ts';
import { pkcs12 } from '../../pki/encoding/pkcs12.ts';
import { goHours } from '../../pki/issue/cfssl-json.ts';
import {
  fillOrder,
  fillRequest,
  type Order,
  PROFILES,
  type Profile,
} from '../../pki/issue/order.ts';
import { privateKeyPem } from '../../pki/keys/key-files.ts';
import type { KeyKind } from '../../pki/keys/keys.ts';
import { serviceNames } from '../../pki/names.ts';
import { inspectCertificate } from '../../pki/verify/inspect.ts';
import { remedy } from '../../problem/remedy.ts';
import { passphraseFrom } from '../../run/passphrase.ts';
import type { Authority } from './authority.ts';
import { type OutputFile, plainName } from './files.ts';
import type { IssueArguments } from './options.ts';
import { readInput } from './read-input.ts';

const FORMATS = ['pair', 'bundle', 'p12'] as const;
type Format = (typeof FORMATS)[number];

/** A certificate as the options describe it, in each form asked for. */
export async function issueByOrder(
  args: IssueArguments,
  authority: Authority,
  now: Date,
): Promise<{ readonly certificate: string; readonly outputs: readonly OutputFile[] }> {
  const order = orderOf(args, authority.defaults);
  const { csr } = args;
  const made: { readonly certificate: string; readonly privateKey?: KeyObject } =
    csr === undefined
      ? await fillOrder(order, keyKind(args.key, authority.defaults), authority.ca, now)
      : { certificate: await fillRequest(await readInput(csr), csr, order, authority.ca, now) };
  const { subject, names } = inspectCertificate(made.certificate);
  const stem = plainName(args.name ?? commonName(subject) ?? names[0] ?? '');
  const forms = new Set(args.format.map(formatOf));
  const outputs = await Promise.all(
    [...forms].map((form) => filesOf(form, stem, made, authority, args)),
  );
  return { certificate: made.certificate, outputs: outputs.flat() };
}

async function filesOf(
  form: Format,
  stem: string,
  made: { readonly certificate: string; readonly privateKey?: KeyObject },
  { ca, chain }: Authority,
  args: IssueArguments,
): Promise<readonly OutputFile[]> {
  const { certificate, privateKey } = made;
  if (form === 'bundle') {
    return [{ name: `${stem}.pem`, content: certificate + ca.certificate + chain }];
  }
  if (form === 'pair') {
    const key =
      privateKey === undefined ? [] : [{ name: `${stem}.key`, content: privateKeyPem(privateKey) }];
    return [...key, { name: `${stem}.crt`, content: certificate }];
  }
  if (privateKey === undefined) {
    throw new Failure('usage', 'a p12 file holds the key, which the author of the request keeps', {
      next: [remedy`leave p12 out, or leave --csr out to have a key made here`],
    });
  }
  const passphrase = await passphraseFrom(
    args.p12PassphraseFrom,
    `${stem}.p12`,
    'choose',
    '--p12-passphrase-from',
  );
  const parents = [ca.certificate, chain].filter((text) => text !== '');
  return [
    {
      name: `${stem}.p12`,
      content: await pkcs12(stem, certificate, parents, privateKey, passphrase),
    },
  ];
}

function orderOf(args: IssueArguments, defaults: CertificateDefaults | undefined): Order {
  const hours = args.expiry === undefined ? defaults?.hours : goHours(args.expiry, '--expiry');
  return {
    profile: profileOf(args.profile ?? 'client'),
    subject: subjectOfArguments(args, defaults),
    names: [...(args.host ?? []), ...namesOfService(args.service)],
    hours: hours ?? 8_760,
  };
}

function formatOf(name: string): Format {
  const found = FORMATS.find((format) => format === name);
  if (found !== undefined) return found;
  throw new Failure('usage', `${name} is not a format`, {
    next: [remedy`give one of --format ${FORMATS.join(', ')}`],
  });
}

function profileOf(name: string): Profile {
  const known = Object.keys(PROFILES);
  const found = (['client', 'server', 'peer'] as const).find((profile) => profile === name);
  if (found !== undefined) return found;
  throw new Failure('usage', `${name} is not a profile`, {
    next: [remedy`give one of --profile ${known.join(', ')}`],
  });
}

// A request brings its own subject; the inventory's common parts would otherwise replace it.
function subjectOfArguments(
  args: IssueArguments,
  defaults: CertificateDefaults | undefined,
): DistinguishedName {
  const { cn, org = [] } = args;
  if (cn === undefined) {
    if (args.csr !== undefined && org.length === 0) return [];
    throw new Failure('usage', 'a certificate needs a holder', { next: [remedy`add --cn NAME`] });
  }
  const common = defaults === undefined ? [{ type: 'CN', value: cn }] : defaults.subjectOf(cn);
  if (org.length === 0) return common;
  const rest = common.filter(({ type }) => type !== 'O');
  const at = rest.findIndex(({ type }) => type === 'OU' || type === 'CN');
  return [...rest.slice(0, at), ...org.map((value) => ({ type: 'O', value })), ...rest.slice(at)];
}

function namesOfService(service: string | undefined): readonly string[] {
  if (service === undefined) return [];
  const [name, namespace, ...rest] = service.split('.');
  if (name !== undefined && namespace !== undefined && rest.length === 0) {
    return serviceNames(name, namespace);
  }
  throw new Failure('usage', `${service} is not SERVICE.NAMESPACE`, {
    next: [remedy`write it such as etcd.kube-system`],
  });
}

function keyKind(choice: string | undefined, defaults: CertificateDefaults | undefined): KeyKind {
  if (choice === undefined) return defaults?.key ?? { algo: 'ecdsa', size: 256 };
  const [algo, size] = choice.split('-');
  return { algo: algo === 'rsa' ? 'rsa' : 'ecdsa', size: Number(size) };
}
