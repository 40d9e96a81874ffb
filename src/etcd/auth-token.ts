import { nanoseconds } from './flags-values.ts';
import { rowOrLast } from './versions.ts';

/** How users' tokens are signed, and the files of the keys on each host (auth/options.go). */
export interface JwtOptions {
  readonly method: string;
  readonly algorithm: JwtAlgorithm;
  /** Of a curve, where the method wants one. */
  readonly curve: string | undefined;
  readonly publicKey: string | undefined;
  readonly privateKey: string | undefined;
}

export type JwtAlgorithm = 'RSA' | 'ECDSA' | 'Ed25519' | 'HMAC';

const FORM = 'jwt,pub-key=FILE,priv-key=FILE,sign-method=METHOD';
const OPTIONS = ['pub-key', 'priv-key', 'sign-method', 'ttl'];
const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** What `auth-token` says about JWT; undefined where tokens are simple, or where it says nothing that etcd takes. */
export function readAuthToken(value: string): JwtOptions | undefined {
  const options = optionsOf(value);
  const method = options?.get('sign-method') ?? '';
  const algorithm = algorithmOf(method);
  if (options === undefined || algorithm === undefined) return undefined;
  return {
    method,
    algorithm,
    curve: CURVES[method],
    publicKey: options.get('pub-key') || undefined,
    privateKey: options.get('priv-key') || undefined,
  };
}

/** Why this version of etcd would not start with such an `auth-token`, or nobody could log in; from the text alone. */
export function whyBadAuthToken(value: string, version: string): string | undefined {
  if (value === 'simple') return undefined;
  if (!/^jwt(,|$)/.test(value)) return `must be simple, or ${FORM}; etcd would not start`;
  const options = optionsOf(value);
  if (options === undefined)
    return `must be ${FORM}, each option once and with one =; etcd would not start`;
  const unknown = [...options.keys()].find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined)
    return `has the option ${JSON.stringify(unknown)}, which etcd does not know; it knows ${OPTIONS.join(', ')}`;
  return whyBadMethod(options.get('sign-method') ?? '', version) ?? whyBadRest(options, version);
}

function whyBadMethod(method: string, version: string): string | undefined {
  const known = rowOrLast(version).jwtMethods;
  if (known.includes(method)) return undefined;
  const other = known.find((one) => one.toLowerCase() === method.toLowerCase());
  const hint = other === undefined ? '' : `; did you mean ${other}?`;
  return method === ''
    ? `needs sign-method, one of ${known.join(', ')}; etcd would not start`
    : `has the sign-method ${method}, which etcd ${version} cannot use${hint || `; it can use ${known.join(', ')}`}`;
}

function whyBadRest(options: ReadonlyMap<string, string>, version: string): string | undefined {
  const isStrict = rowOrLast(version).jwtNeedsBothKeys;
  if (!options.get('priv-key'))
    return 'needs priv-key=FILE: without it members cannot sign, and nobody can log in';
  if (isStrict && !options.get('pub-key'))
    return `needs pub-key=FILE with etcd ${version}; etcd would not start`;
  const ttl = options.get('ttl');
  if (ttl === undefined) return undefined;
  if (isStrict) return `has ttl, which etcd ${version} does not know; etcd would not start`;
  const length = nanoseconds(ttl);
  return length === undefined || length === 0
    ? `has the ttl ${JSON.stringify(ttl)}; it must be a duration over 0 with a unit, such as 10m`
    : undefined;
}

function optionsOf(value: string): ReadonlyMap<string, string> | undefined {
  const [type, ...pairs] = value.split(',');
  const options = pairs.map((pair) => pair.split('='));
  const names = options.map(([name]) => name);
  if (type !== 'jwt' || new Set(names).size < names.length) return undefined;
  if (options.some((parts) => parts.length !== 2)) return undefined;
  return new Map(options.map(([name = '', text = '']) => [name, text]));
}

function algorithmOf(method: string): JwtAlgorithm | undefined {
  if (/^[RP]S(256|384|512)$/.test(method)) return 'RSA';
  if (/^ES(256|384|512)$/.test(method)) return 'ECDSA';
  if (/^HS(256|384|512)$/.test(method)) return 'HMAC';
  return method === 'EdDSA' ? 'Ed25519' : undefined;
}
