import type { Effective } from '../../etcd/effective-settings.ts';
import { isTrue } from '../../etcd/given-settings.ts';

/** A way in which a member may be asked from its own host. */
export interface Way {
  readonly endpoint: string;
  readonly ca: string | undefined;
  readonly pair: { readonly certificate: string; readonly key: string } | undefined;
  /** Whether who answers may show any certificate: it is this host's own process that is asked. */
  readonly unverified: boolean;
}

/** Ways to ask a member by its client listeners, the best first: loopback before others, verified before not. */
export function waysToAsk(
  { settings }: Pick<Effective, 'settings'>,
  environment: ReadonlyMap<string, string>,
): readonly Way[] {
  const value = (flag: string) => settings.get(flag)?.value || undefined;
  const urls = [
    ...(value('listen-client-urls') ?? 'http://localhost:2379').split(',').map(dialable),
    ...(value('advertise-client-urls') ?? '').split(','),
  ].map((one) => one.trim());
  const endpoints = [...new Set(urls)]
    .filter((one) => /^https?:\/\/[^\s]+:\d+\/?$/.test(one))
    .toSorted((a, b) => Number(isLoopback(b)) - Number(isLoopback(a)));
  const plain = endpoints.filter((one) => one.startsWith('http:'));
  const secured = endpoints.filter((one) => one.startsWith('https:'));
  const cas = unique([
    value('trusted-ca-file'),
    value('ca-file'),
    environment.get('ETCDCTL_CACERT'),
  ]);
  const pairs = [
    [environment.get('ETCDCTL_CERT'), environment.get('ETCDCTL_KEY')],
    [value('client-cert-file'), value('client-key-file')],
    [value('cert-file'), value('key-file')],
    [value('peer-cert-file'), value('peer-key-file')],
  ].flatMap(([certificate, key]) =>
    certificate === undefined || key === undefined ? [] : [{ certificate, key }],
  );
  const wants =
    isTrue(value('client-cert-auth')) ||
    value('trusted-ca-file') !== undefined ||
    value('ca-file') !== undefined;
  const visitors = wants ? distinct(pairs) : [undefined, ...distinct(pairs)];
  const verified = secured.flatMap((endpoint) =>
    cas.flatMap((ca) => visitors.map((pair) => ({ endpoint, ca, pair, unverified: false }))),
  );
  const unverified = secured
    .slice(0, 1)
    .flatMap((endpoint) =>
      visitors.map((pair) => ({ endpoint, ca: undefined, pair, unverified: true })),
    );
  const open = plain.map((endpoint) => ({
    ...{ endpoint, ca: undefined, pair: undefined, unverified: false },
  }));
  return [...open, ...verified, ...unverified].slice(0, 16);
}

/** A URL of this host for a URL that is bound: an unspecified address is reached at loopback. */
function dialable(url: string): string {
  return url
    .trim()
    .replace(/^(https?:\/\/)0\.0\.0\.0:/, '$1127.0.0.1:')
    .replace(/^(https?:\/\/)\[::\]:/, '$1[::1]:');
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(127\.|localhost|\[::1\])/.test(url);
}

function unique(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((one): one is string => one !== undefined && one !== ''))];
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((one) => [JSON.stringify(one), one])).values()];
}
