import type { KeyObject } from 'node:crypto';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Secret } from '../../shell/secret.ts';
import { makeRequest } from '../encoding/csr.ts';
import type { DistinguishedName } from '../encoding/distinguished-name.ts';
import { traditionalKeyPem } from '../keys/key-files.ts';
import { generateKey } from '../keys/keys.ts';
import { type CfsslConfig, type CfsslProfile, type CfsslRequest, goHours } from './cfssl-json.ts';
import { usagesOf } from './cfssl-usages.ts';
import { type SigningCa, signCa, signLeaf } from './sign.ts';

/** What `cfssl gencert … | cfssljson -bare X` leaves: X.pem, X-key.pem, X.csr. */
export interface CfsslFiles {
  readonly certificate: string;
  readonly key: Secret;
  readonly request: string;
  readonly privateKey: KeyObject;
}

/** `cfssl gencert -initca`: a self-signed CA. Its path length is limited only where the request says so, as in cfssl. */
export async function cfsslInitCa(
  request: CfsslRequest,
  source: string,
  now: Date,
): Promise<CfsslFiles> {
  const pair = await generateKey(request.key);
  const { pathlen, pathlenzero, expiry } = request.ca;
  const draft = {
    subject: subjectOf(request),
    names: request.hosts,
    usages: [],
    keyUsages: ['keyCertSign', 'cRLSign'] as const,
    ca: { pathLength: pathLength(pathlen, pathlenzero) },
    publicKey: pair.publicKey,
    hours: goHours(expiry, source),
  };
  return {
    certificate: await signCa(draft, pair.privateKey, now),
    key: traditionalKeyPem(pair.privateKey),
    request: await makeRequest(draft, pair),
    privateKey: pair.privateKey,
  };
}

/**
 * `cfssl gencert -ca … -config … -profile …`: a certificate by a profile. Unlike cfssl's it never outlives its CA.
 * Throws a Failure for names nobody would accept.
 */
export async function cfsslGenCert(
  request: CfsslRequest,
  profile: CfsslProfile,
  ca: SigningCa,
  source: string,
  now: Date,
): Promise<CfsslFiles> {
  const pair = await generateKey(request.key);
  const { ca_constraint: constraint, expiry = '' } = profile;
  const draft = {
    subject: subjectOf(request),
    names: request.hosts,
    ...usagesOf(profile.usages, source),
    ca:
      constraint?.is_ca === true
        ? { pathLength: pathLength(constraint.max_path_len, constraint.max_path_len_zero) }
        : undefined,
    publicKey: pair.publicKey,
    hours: goHours(expiry, source),
  };
  return {
    certificate: await signLeaf(draft, ca, now),
    key: traditionalKeyPem(pair.privateKey),
    request: await makeRequest(draft, pair),
    privateKey: pair.privateKey,
  };
}

/** The profile by its name, or the default one; throws a Failure when there is none, where cfssl takes the default. */
export function profileOf(
  config: CfsslConfig,
  name: string | undefined,
  source: string,
): CfsslProfile {
  const { default: standard, profiles } = config.signing;
  const named = name !== undefined && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  const profile = name === undefined ? standard : named;
  if (profile === undefined) {
    const known = Object.keys(profiles).join(', ') || 'none';
    throw new Failure('usage', `${source}: has no profile ${name}`, {
      next: [remedy`name another with --profile; it has: ${known}`],
    });
  }
  if (profile.usages.length === 0) {
    throw new Failure('usage', `${source}: the profile ${name ?? 'default'} allows no usages`, {
      next: [remedy`name another with --profile: ${Object.keys(profiles).join(', ')}`],
    });
  }
  if (profile.expiry === undefined && standard.expiry === undefined) {
    throw new Failure('usage', `${source}: the profile ${name ?? 'default'} has no expiry`, {
      next: [remedy`add to it: "expiry": "8760h"`],
    });
  }
  return { ...profile, expiry: profile.expiry ?? standard.expiry };
}

/** `cfssl print-defaults`, to the letter. */
export function cfsslDefaults(what: 'config' | 'csr'): string {
  return `${JSON.stringify(what === 'csr' ? DEFAULT_REQUEST : DEFAULT_CONFIG, undefined, 4)}\n`;
}

// cfssl's own order: country to common name, all values of a kind together.
function subjectOf({ CN, names }: CfsslRequest): DistinguishedName {
  const parts = (['C', 'ST', 'L', 'O', 'OU'] as const).flatMap((type) =>
    values(
      type,
      names.map((name) => name[type]),
    ),
  );
  const serial = values(
    'serialNumber',
    names.map((name) => name.SerialNumber),
  );
  return [...parts, ...values('CN', [CN]), ...serial];
}

function values(type: string, all: readonly (string | undefined)[]): DistinguishedName {
  return all.flatMap((value) => (value === undefined || value === '' ? [] : [{ type, value }]));
}

function pathLength(length: number, zero: boolean): number | undefined {
  return length > 0 || zero ? length : undefined;
}

const DEFAULT_REQUEST = {
  CN: 'example.net',
  hosts: ['example.net', 'www.example.net'],
  key: { algo: 'ecdsa', size: 256 },
  names: [{ C: 'US', ST: 'CA', L: 'San Francisco' }],
};

const DEFAULT_CONFIG = {
  signing: {
    default: { expiry: '168h' },
    profiles: {
      www: { expiry: '8760h', usages: ['signing', 'key encipherment', 'server auth'] },
      client: { expiry: '8760h', usages: ['signing', 'key encipherment', 'client auth'] },
    },
  },
};
