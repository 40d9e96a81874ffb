/** An address and a TCP port that etcd binds. */
export interface Binding {
  /** Without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Where etcd serves metrics apart from its client port with these settings. */
export function metricsBindings(settings: Readonly<Record<string, unknown>>): readonly Binding[] {
  return String(settings['listen-metrics-urls'] ?? '')
    .split(',')
    .flatMap((url) => {
      const [, address = '', port] = /^https?:\/\/(\[[^\]]*\]|[^:/]*):(\d+)$/.exec(url) ?? [];
      return port === undefined
        ? []
        : [{ address: address.replaceAll(/[[\]]/g, ''), port: Number(port) }];
    });
}
