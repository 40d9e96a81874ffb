import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

// No SHA-1, no CBC, no chacha20-poly1305 and no encrypt-then-mac: the last two are what Terrapin
// (CVE-2023-48795) cuts, and a server without strict key exchange is not told apart by ssh2.
const LISTS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} satisfies Algorithms;

const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const satisfies readonly ServerHostKeyAlgorithm[];

/**
 * What we offer, host keys of the known types first: as OpenSSH does, so that a recorded key is the one we are shown.
 * Host keys of the types in `notTypes` are not asked for.
 */
export function algorithms(
  knownTypes: readonly string[],
  notTypes: readonly string[] = [],
): Algorithms {
  const isKnown = (algorithm: string) => knownTypes.includes(keyTypeOf(algorithm));
  const offered = HOST_KEY_ALGORITHMS.filter((each) => !notTypes.includes(keyTypeOf(each)));
  return {
    ...LISTS,
    serverHostKey: [...offered.filter(isKnown), ...offered.filter((each) => !isKnown(each))],
  };
}

// RFC 8332: rsa-sha2-* are ways to sign; the key itself is of type ssh-rsa.
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}
