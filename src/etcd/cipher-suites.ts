import { rowOrLast } from './versions.ts';

/** Suites of TLS 1.2 that HTTP/2 accepts (RFC 9113 appendix A lists the others), without the prefix for the kind of key. */
const APPROVED = [
  'AES_128_GCM_SHA256',
  'AES_256_GCM_SHA384',
  'CHACHA20_POLY1305_SHA256',
  'CHACHA20_POLY1305',
];
const REQUIRED = 'AES_128_GCM_SHA256';
const ECDHE = ['TLS_ECDHE_ECDSA_WITH_', 'TLS_ECDHE_RSA_WITH_'];

/** The names that Go's crypto/tls knows, and etcd takes for `cipher-suites`. */
export const CIPHER_SUITES: readonly string[] = [
  ...ECDHE.flatMap((prefix) => APPROVED.map((suite) => prefix + suite)),
  ...['RC4_128_SHA', 'AES_128_CBC_SHA', 'AES_256_CBC_SHA', 'AES_128_CBC_SHA256'].flatMap((suite) =>
    ECDHE.map((prefix) => prefix + suite),
  ),
  'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_RSA_WITH_RC4_128_SHA',
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_256_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA256',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
];

/** Suites of TLS 1.3, which a list does not choose among: etcd takes their names from 3.4 on, and they change nothing. */
const TLS_1_3 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
];

export interface TlsOffer {
  readonly version: string;
  /** Whether TLS 1.3 may be agreed on, where no list of suites matters. */
  readonly hasTls13: boolean;
  /** Kind of the members' keys. */
  readonly key: 'ecdsa' | 'rsa';
}

/** What is wrong with a list of suites. */
interface UnfitCiphers {
  /** The end of a sentence. */
  readonly how: string;
  /** The name that etcd does not know, where that is it. */
  readonly unknown?: string;
}

/**
 * Why etcd would not serve with this list of cipher suites, or undefined. Go's HTTP/2 server
 * wants one of two suites in the list (golang.org/x/net/http2, ConfigureServer).
 */
export function whyCiphersUnfit(
  list: readonly string[],
  offer: TlsOffer,
): UnfitCiphers | undefined {
  const row = rowOrLast(offer.version);
  const known = [...CIPHER_SUITES, ...(row.hasTls13 ? TLS_1_3 : [])];
  const unknown = list.find((suite) => !known.includes(suite));
  if (unknown !== undefined) return { unknown, how: `names ${unknown}, which etcd does not know` };
  if (!list.some((suite) => ECDHE.some((prefix) => suite === prefix + REQUIRED))) {
    return {
      how: `lacks ${ECDHE.map((prefix) => prefix + REQUIRED).join(' and ')}: HTTP/2 needs one of the two, and etcd serves nobody without it`,
    };
  }
  const fitting = `TLS_ECDHE_${offer.key.toUpperCase()}_WITH_`;
  if (!offer.hasTls13 && !APPROVED.some((suite) => list.includes(fitting + suite))) {
    return {
      how: `has no suite for ${offer.key} keys that HTTP/2 accepts, and TLS 1.3 is not offered: no handshake would succeed; add ${fitting}${REQUIRED}`,
    };
  }
  const isApproved = (suite: string) =>
    TLS_1_3.includes(suite) ||
    ECDHE.some((prefix) => APPROVED.some((name) => suite === prefix + name));
  const firstOther = list.findIndex((suite) => !isApproved(suite));
  if (row.wantsHttp2SuitesFirst && firstOther >= 0 && list.slice(firstOther).some(isApproved)) {
    return {
      how: `has ${list[firstOther]} before a suite that HTTP/2 accepts, which etcd ${row.minor} refuses; put it last`,
    };
  }
  return undefined;
}
