import { lines, sh } from '../../shell/command.ts';
import { type Fact, NOTHING, properties } from '../fact.ts';
import { asAccount } from '../host/as-account.ts';

/** What is at a path where etcd looks for a key of its users' tokens, as the account of etcd meets it. */
export type TokenKeyFile =
  | { readonly kind: 'missing' | 'notAFile' | 'empty' }
  /** `at` is the directory or file that keeps it out, with its owner and mode. */
  | { readonly kind: 'barred'; readonly at: string; readonly owner: string }
  | {
      readonly kind: 'read';
      /** Where links lead to. */
      readonly realPath: string;
      /** Of its first PEM block, such as `PRIVATE KEY`; empty where there is none. */
      readonly label: string;
      readonly encrypted: boolean;
      /** Whether the block is as long as it says itself. */
      readonly whole: boolean;
      /** By the identifiers within: `RSA`, `Ed25519` or the curve. */
      readonly holds: string;
    };

export interface TokenKeysFact {
  readonly files: ReadonlyMap<string, TokenKeyFile>;
  /** Whether the private key holds what the public key ends with; undefined where that cannot be told without computing. */
  readonly match: boolean | undefined;
}

interface Paths {
  readonly publicKey: string | undefined;
  readonly privateKey: string | undefined;
}

const NO_PATHS = { publicKey: undefined, privateKey: undefined };

/**
 * What the account of etcd finds at the paths of the keys. No key leaves the host, and none is an argument of a program:
 * a private key as Go and openssl write it holds its public key, so that a comparison of text is enough.
 */
export const tokenKeysFact = (
  account: string,
  { publicKey, privateKey }: Paths = NO_PATHS,
): Fact<TokenKeysFact> => ({
  ask:
    publicKey === undefined && privateKey === undefined
      ? NOTHING
      : lines([
          asAccount(account),
          sh`der() {
  awk '/^-----BEGIN /{on=1; next} /^-----END /{exit} on && !/:/' | tr -d '\\r \\t' | base64 -d 2>/dev/null | od -An -v -tx1 | tr -d ' \\n'
}
isWhole() {
  length=$(( \${#1} / 2 ))
  case $1 in
    3082*) said=\${1#3082}; said=\${said%"\${said#????}"}; [ $((0x$said + 4)) -eq $length ] ;;
    3081*) said=\${1#3081}; said=\${said%"\${said#??}"}; [ $((0x$said + 3)) -eq $length ] ;;
    30*) said=\${1#30}; said=\${said%"\${said#??}"}; [ $((0x$said + 2)) -eq $length ] ;;
    *) false ;;
  esac
}
holds() {
  case $1 in
    *2a8648ce3d0201*|*06082a8648ce3d030107*|*06052b81040022*|*06052b81040023*)
      case $1 in
        *06082a8648ce3d030107*) echo P-256 ;; *06052b81040022*) echo P-384 ;; *06052b81040023*) echo P-521 ;; *) echo EC ;;
      esac ;;
    *2a864886f70d010101*) echo RSA ;;
    *06032b6570*) echo Ed25519 ;;
    30*0203010001*) echo RSA ;;
    *) echo unknown ;;
  esac
}
key() {
  [ -e "$2" ] || [ -L "$2" ] || { echo "$1Kind=missing"; return; }
  real=$(readlink -f "$2") && [ -e "$real" ] || { echo "$1Kind=missing"; return; }
  [ -f "$real" ] || { echo "$1Kind=notAFile"; return; }
  if ! text=$(as head -c 65536 "$2" | tr -d '\\000') || ! as test -r "$2"; then echo "$1Kind=barred"; barred "$real" "$1"; return; fi
  [ -n "$text" ] || { echo "$1Kind=empty"; return; }
  echo "$1Kind=read"; echo "$1Real=$real"
  echo "$1Label=$(printf '%s\\n' "$text" | tr -d '\\r' | sed -n 's/^-----BEGIN \\(.*\\)-----$/\\1/p' | head -n 1)"
  ! printf '%s\\n' "$text" | grep -q '^Proc-Type: 4,ENCRYPTED' || echo "$1Encrypted=yes"
  found=$(printf '%s\\n' "$text" | der)
  ! isWhole "$found" || echo "$1Whole=yes"
  echo "$1Holds=$(holds "$found")"
}`,
          ...(publicKey === undefined ? [] : [sh`found=; key public ${publicKey}; public=$found`]),
          ...(privateKey === undefined
            ? []
            : [sh`found=; key private ${privateKey}; private=$found`]),
          sh`[ -n "$public" ] && [ -n "$private" ] || exit 0
end=$public; while [ \${#end} -gt 128 ]; do cut=\${end#????????????????????????????????}; [ \${#cut} -ge 128 ] || cut=\${end#??}; end=$cut; done
[ \${#end} -eq 128 ] || exit 0
case $private in
  *"$end"*) echo match=yes ;;
  *0203010001*|*03420004*|*03620004*|*0381860004*) echo match=no ;;
esac`,
        ]),
  read({ stdout }) {
    const found = properties(stdout);
    const files = [
      ...(publicKey === undefined ? [] : [[publicKey, fileOf(found, 'public')] as const]),
      ...(privateKey === undefined ? [] : [[privateKey, fileOf(found, 'private')] as const]),
    ];
    return {
      files: new Map(files.flatMap(([path, file]) => (file === undefined ? [] : [[path, file]]))),
      match: found.has('match') ? found.get('match') === 'yes' : undefined,
    };
  },
});

function fileOf(found: ReadonlyMap<string, string>, name: string): TokenKeyFile | undefined {
  const kind = found.get(`${name}Kind`);
  switch (kind) {
    case 'missing':
    case 'notAFile':
    case 'empty':
      return { kind };
    case 'barred':
      return { kind, at: found.get(`${name}At`) ?? '', owner: found.get(`${name}Owner`) ?? '' };
    case 'read': {
      const label = found.get(`${name}Label`) ?? '';
      return {
        kind,
        realPath: found.get(`${name}Real`) ?? '',
        label,
        encrypted: label === 'ENCRYPTED PRIVATE KEY' || found.get(`${name}Encrypted`) === 'yes',
        whole: found.get(`${name}Whole`) === 'yes',
        holds: found.get(`${name}Holds`) ?? 'unknown',
      };
    }
    default:
      return undefined;
  }
}
