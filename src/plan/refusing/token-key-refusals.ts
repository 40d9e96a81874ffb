import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { JwtOptions } from '../../etcd/auth-token.ts';
import { rowOrLast } from '../../etcd/versions.ts';
import type { TokenKeyFile } from '../../facts/etcd/token-keys.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { type Offered, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import type { Refusal } from '../plan.ts';

interface Key {
  readonly half: 'public' | 'private';
  readonly path: string;
  readonly file: TokenKeyFile;
}

interface Ground {
  readonly host: string;
  readonly jwt: JwtOptions;
  readonly account: string;
  readonly accountExists: boolean;
  readonly version: string;
}

interface Complaint {
  readonly why: string;
  readonly next: Offered;
}

/** Why etcd would not start with the keys of its users' tokens as they are on this host, or nobody could log in. */
export function tokenKeyRefusals(
  { jwt, account, version }: DesiredCluster,
  { name }: DesiredMember,
  { tokenKeys, machine }: MemberFacts,
): readonly Refusal[] {
  if (jwt === undefined) return [];
  const ground = { host: name, jwt, account, version, accountExists: machine.accountExists };
  const keys = keysOf(jwt, tokenKeys.files);
  const complaints = keys.flatMap((key) => {
    const complaint = complaintOf(key, ground);
    return complaint === undefined ? [] : [{ key, ...complaint }];
  });
  if (complaints.length === 0 && isAnotherPair(keys, tokenKeys.match))
    return [
      {
        kind: 'token-keys',
        about: [name],
        sentence: `${name}: the public key ${jwt.publicKey} does not belong to the private key ${jwt.privateKey} (etcd.settings.auth-token)`,
        next: [
          remedy`bring the one that belongs to it; or, on ${name}: openssl pkey -in ${quote(jwt.privateKey ?? '')} -pubout -out ${quote(jwt.publicKey ?? '')}`,
        ],
      },
    ];
  return complaints.map(({ key, why, next }) => ({
    kind: 'token-keys',
    about: [name],
    sentence: `${name}: the ${key.half} key ${key.path} (etcd.settings.auth-token) ${why}`,
    next: [next],
  }));
}

function keysOf(jwt: JwtOptions, files: ReadonlyMap<string, TokenKeyFile>): readonly Key[] {
  const halves = [
    { half: 'public', path: jwt.publicKey },
    { half: 'private', path: jwt.privateKey },
  ] as const;
  return halves.flatMap(({ half, path }) => {
    const file = path === undefined ? undefined : files.get(path);
    return path === undefined || file === undefined ? [] : [{ half, path, file }];
  });
}

function complaintOf({ half, path, file }: Key, ground: Ground): Complaint | undefined {
  const bring = remedy`bring it to ${ground.host}: the same on every member, and readable for ${ground.account}`;
  switch (file.kind) {
    case 'missing':
      return { why: 'does not exist', next: bring };
    case 'notAFile':
      return { why: 'is not a file', next: bring };
    case 'empty':
      return { why: 'is empty', next: bring };
    case 'barred':
      return whyBarred(path, file, ground);
    case 'read':
      return (
        whyHidden(file, ground) ??
        (half === 'public' ? whyNotPublic : whyNotPrivate)(path, file, ground)
      );
  }
}

function whyBarred(
  path: string,
  { at, owner }: Extract<TokenKeyFile, { kind: 'barred' }>,
  { host, account, accountExists }: Ground,
): Complaint {
  const where = at === path ? `it belongs to ${owner}` : `${at} belongs to ${owner}`;
  const cure =
    at === path || !path.startsWith(`${at}/`)
      ? `chown ${account}: ${quote(at)}`
      : `chgrp ${account} ${quote(at)} && chmod g+x ${quote(at)}`;
  return accountExists
    ? { why: `cannot be read by ${account}: ${where}`, next: remedy`on ${host}: ${cure}` }
    : {
        why: `cannot be read by ${account}, which does not exist yet: ${where}`,
        next: remedy`on ${host}: useradd --system --no-create-home --shell /usr/sbin/nologin ${account}; then: ${cure}`,
      };
}

type Read = Extract<TokenKeyFile, { kind: 'read' }>;

// The unit has a /tmp and devices of its own, and sees no other processes.
function whyHidden({ realPath }: Read, { host }: Ground): Complaint | undefined {
  return /^\/(tmp|var\/tmp|dev|proc|sys)\//.test(realPath)
    ? {
        why: `is a link to ${realPath}, which the unit hides from etcd`,
        next: remedy`move the file elsewhere on ${host}, such as into /etc/etcd-jwt`,
      }
    : undefined;
}

function whyNotPrivate(path: string, file: Read, { host, jwt }: Ground): Complaint | undefined {
  if (jwt.algorithm === 'HMAC') return undefined;
  if (file.encrypted)
    return {
      why: 'is encrypted, and etcd asks for no passphrase',
      next: remedy`on ${host}, decrypt it beside and move it there: openssl pkey -in ${quote(path)} -out ${quote(`${path}.plain`)}`,
    };
  return whyNotPem(file, PRIVATE, 'a private key') ?? whyUnfit(file, jwt);
}

function whyNotPublic(
  path: string,
  file: Read,
  { host, jwt, version }: Ground,
): Complaint | undefined {
  if (jwt.algorithm === 'HMAC') return undefined;
  if (file.label === 'RSA PUBLIC KEY' && !rowOrLast(version).jwtReadsPkcs1)
    return {
      why: `is PKCS #1 (BEGIN RSA PUBLIC KEY), which etcd ${version} does not read`,
      next: remedy`on ${host}: openssl pkey -in ${quote(jwt.privateKey ?? '')} -pubout -out ${quote(path)}`,
    };
  return (
    whyNotPem(file, PUBLIC, 'a public key') ??
    (file.label === 'CERTIFICATE' ? undefined : whyUnfit(file, jwt))
  );
}

const PRIVATE = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'];
const PUBLIC = ['PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE'];

function whyNotPem(
  { label, whole }: Read,
  labels: readonly string[],
  what: string,
): Complaint | undefined {
  const next = remedy`bring ${what} as PEM whose first block is ${labels.slice(0, 1).join()}, such as openssl pkey writes it`;
  if (label === '') return { why: 'is not PEM', next };
  if (!labels.includes(label))
    return { why: `begins with the PEM block ${label}; etcd reads the first block only`, next };
  return whole ? undefined : { why: 'is damaged: its PEM block is not whole', next };
}

/** What cannot be told from the identifiers in the file is left to etcd. */
function whyUnfit(
  { holds }: Read,
  { method, algorithm, curve }: JwtOptions,
): Complaint | undefined {
  if (holds === 'unknown') return undefined;
  const kind = holds === 'RSA' || holds === 'Ed25519' ? holds : 'ECDSA';
  if (kind === algorithm && (curve === undefined || curve === holds)) return undefined;
  const needs = curve === undefined ? algorithm : `ECDSA on ${curve}`;
  return {
    why: `is for ${kind === 'ECDSA' ? `ECDSA on ${holds}` : kind}, and sign-method ${method} needs ${needs}`,
    next: remedy`name the sign-method that fits the keys, or bring keys that fit it`,
  };
}

function isAnotherPair(keys: readonly Key[], match: boolean | undefined): boolean {
  const named = keys.find(({ half }) => half === 'public')?.file;
  return match === false && named?.kind === 'read' && named.label.endsWith('PUBLIC KEY');
}
