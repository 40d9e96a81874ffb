/** A URL of etcd's, taken apart. */
export interface PartedUrl {
  readonly protocol: 'http' | 'https';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A URL with host and port; undefined for one of another kind, such as a socket. */
export function partedUrl(url: string): PartedUrl | undefined {
  const [, protocol, host = '', port = ''] =
    /^(https?):\/\/(\[[^\]]+\]|[^:/[\]]+):(\d+)\/?$/.exec(url.trim()) ?? [];
  if (protocol !== 'http' && protocol !== 'https') return undefined;
  return { protocol, host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}

/** The URLs of a list that can be taken apart. */
export function partedUrls(list: string | undefined): readonly PartedUrl[] {
  return (list ?? '').split(',').flatMap((one) => partedUrl(one) ?? []);
}

/** Whether the address is of loopback. */
export function isLoopbackHost(host: string): boolean {
  return /^(127\.|localhost$|::1$)/.test(host);
}
