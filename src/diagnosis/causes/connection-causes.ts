import { cures } from '../cures.ts';
import type { CauseRow } from './cause-row.ts';

/** What members say of connections to each other: certificates, protocols, ports (Go's crypto/x509 and crypto/tls). */
export const CONNECTION_CAUSES: readonly CauseRow[] = [
  {
    name: 'cipher-http2',
    of: 'either',
    pattern: /http2: TLSConfig.CipherSuites is missing an HTTP\/2-required/,
    cause: 'etcd.settings.cipher-suites lacks a suite that HTTP/2 needs',
    next: () => [
      cures.thenUp(
        'add TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (or its RSA form, by the key) to etcd.settings.cipher-suites',
      ),
    ],
  },
  {
    name: 'no-pem',
    of: 'either',
    pattern: /failed to find any PEM data in (certificate|key) input/,
    cause: 'a $1 file holds no PEM data',
    next: (member) => [cures.up(member)],
  },
  {
    name: 'no-cipher',
    of: 'wait',
    pattern: /no cipher suite supported by both client and server/,
    cause: 'etcd.settings.cipher-suites has no suite that fits the keys',
    next: () => [
      cures.thenUp(
        'correct etcd.settings.cipher-suites: ECDSA keys need an ECDHE_ECDSA suite, RSA keys an ECDHE_RSA one',
      ),
    ],
  },
  {
    name: 'expired',
    of: 'either',
    pattern: /certificate has expired or is not yet valid/,
    cause: 'a certificate has expired or is not valid yet, though all clocks are right',
    next: (member) => [cures.up(member, 'renews certificates')],
  },
  {
    name: 'san',
    of: 'wait',
    pattern: /certificate is valid for ([^"]+?), not ([^\s"\\)]+)/,
    cause: 'a certificate is valid for $1, but $2 was dialled or dialled from',
    next: () => [cures.thenUp('add the address to addresses of that member in the inventory')],
  },
  {
    name: 'san',
    of: 'wait',
    pattern: /"?\\*"?([0-9a-f.:]+)\\*"? does not match any of DNSNames/,
    cause: 'the peer certificate shown from $1 does not name that address',
    next: () => [cures.thenUp('add it to addresses of that member in the inventory')],
  },
  {
    name: 'san',
    of: 'wait',
    pattern: /cannot validate certificate for (\S+) because it doesn't contain any IP SANs/,
    cause: 'the certificate of $1 names no addresses',
    next: (member) => [cures.up(member, 'issues certificates with addresses')],
  },
  {
    name: 'wrong-ca',
    of: 'wait',
    pattern: /certificate signed by unknown authority/,
    cause: 'a certificate was signed by another CA than the one trusted here',
    next: () => [cures.onePki()],
  },
  {
    name: 'key-usage',
    of: 'wait',
    pattern: /incompatible key usage/,
    cause: 'a certificate lacks server auth or client auth',
    next: (member) => [cures.up(member, 'reissues certificates that lack a usage')],
  },
  {
    name: 'pair',
    of: 'either',
    pattern: /private key does not match public key/,
    cause: 'certificate and key do not belong together',
    next: (member) => [cures.up(member, 'installs them as a pair')],
  },
  {
    name: 'legacy-name',
    of: 'wait',
    pattern: /relies on legacy Common Name field/,
    cause: 'a certificate has no subject alternative names',
    next: (member) => [cures.up(member, 'issues certificates with names')],
  },
  {
    name: 'protocol',
    of: 'wait',
    pattern:
      /first record does not look like a TLS handshake|server gave HTTP response to HTTPS client|malformed HTTP response/,
    cause: 'one side speaks http, the other https',
    next: () => [cures.whoSaysWhat()],
  },
  {
    name: 'rejected',
    of: 'wait',
    pattern:
      /remote error: tls: (?:bad certificate|unknown certificate authority|certificate required)/,
    cause: 'the other side rejects its certificate',
    next: () => [cures.byHand('the cause stands in the journal of the other side')],
  },
  {
    name: 'unreachable',
    of: 'wait',
    pattern:
      /dial tcp (\S+?): (?:i\/o timeout|connect: no route to host|connect: network is unreachable)/,
    cause: 'cannot reach $1',
    next: () => [cures.byHand('open that port in the firewall between the members')],
  },
  {
    name: 'unreachable',
    of: 'wait',
    pattern: /dial tcp (\S+?): connect: connection refused/,
    cause: 'nobody answers at $1',
    next: () => [cures.byHand('look at the member behind that address first')],
  },
];
