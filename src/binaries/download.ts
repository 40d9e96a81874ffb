import type { Readable } from 'node:stream';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

const MOST_REDIRECTS = 5;
const SILENCE_MILLISECONDS = 30_000;

// A server that closes its connection behind an answer has undici fail an assertion, outside of any promise, where we have
// had it pause by then (client-h1.js, parser.finish): so it never pauses. Bytes.
const LARGEST_ARCHIVE = 2 ** 28;

export interface Answer {
  readonly status: number;
  /** Read to its end already unless the status is 200. */
  readonly body: Readable;
  /** Bytes, where the server says so. */
  readonly length: number | undefined;
}

/**
 * Asks for a URL, by the proxies that http_proxy, https_proxy and no_proxy name, and follows redirects (not from https
 * to http). Resolves for every final status. Throws a Failure when the server cannot be talked to.
 */
export async function get(url: string): Promise<Answer> {
  // Loading it takes 50 ms, which a run that downloads nothing must not pay.
  const { EnvHttpProxyAgent, request } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent();
  let at = new URL(url);
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const answer = await request(at, {
      dispatcher,
      headersTimeout: SILENCE_MILLISECONDS,
      bodyTimeout: SILENCE_MILLISECONDS,
      highWaterMark: LARGEST_ARCHIVE,
    }).catch((cause: unknown) => {
      throw connectionFailure(at.href, cause);
    });
    const { statusCode, headers, body } = answer;
    const location = headers.location;
    if (statusCode < 300 || statusCode > 399 || typeof location !== 'string') {
      if (statusCode !== 200) await body.dump();
      const length = Number(headers['content-length']);
      return { status: statusCode, body, length: length > 0 ? length : undefined };
    }
    await body.dump();
    const next = new URL(location, at);
    if (at.protocol === 'https:' && next.protocol !== 'https:') {
      throw new Failure('refused', `${at.href} redirects to ${next.href}, which is not encrypted`, {
        next: [remedy`name another mirror under etcd.source.release.url in the inventory`],
      });
    }
    at = next;
  }
  throw new Failure('failed', `${url} redirects more than ${MOST_REDIRECTS} times`, {
    next: [remedy`name another mirror under etcd.source.release.url in the inventory`],
  });
}

/** The sentence for a connection that could not be made or broke. */
export function connectionFailure(url: string, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  const proxied = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some(
    (name) => (process.env[name] ?? '') !== '',
  );
  return new Failure('failed', `${url}: ${why}`, {
    cause,
    next: proxied
      ? [
          remedy`check http_proxy, https_proxy and no_proxy, or use etcd.source.archive with a file you fetched`,
        ]
      : [
          remedy`run it again; where there is no way out, set https_proxy or use etcd.source.archive with a file you fetched`,
        ],
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name server does not answer',
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 s',
  UND_ERR_HEADERS_TIMEOUT: `no answer within ${SILENCE_MILLISECONDS / 1000} s`,
  UND_ERR_BODY_TIMEOUT: `silent for ${SILENCE_MILLISECONDS / 1000} s in the middle of the file`,
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain is self-signed (a proxy that reads along?)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is from an unknown authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};
