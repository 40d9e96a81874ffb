/** What an etcd.conf that provision wrote says about its cluster's first start. */
export interface WrittenConf {
  readonly cluster: string;
  readonly member: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Reads an etcd.conf by its ownership line, or gives undefined when provision did not write it. */
export function readConf(content: string | undefined): WrittenConf | undefined {
  const [, cluster, member] =
    /^# provision: cluster ([a-z0-9-]+), member (\S+)$/m.exec(content ?? '') ?? [];
  if (content === undefined || cluster === undefined || member === undefined) return undefined;
  const values = content
    .split('\n')
    .map((line) => /^(ETCD_[A-Z0-9_]+)="(.*)"$/.exec(line))
    .flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const]));
  return { cluster, member, values: new Map(values) };
}
