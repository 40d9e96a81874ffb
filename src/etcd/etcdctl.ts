import { type Argument, type Command, sh } from '../shell/command.ts';

/** How a host's own etcdctl reaches an endpoint. */
export interface Access {
  /** Directory of the etcdctl to use. */
  readonly binDirectory: Argument;
  readonly endpoints: readonly string[];
  /** Files of the client pair on the host; absent for http. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
}

/**
 * An etcdctl command with a bare environment: the unit's ETCDCTL_* or a proxy in it would change what is asked
 * (etcd pkg/flags/flag.go: a variable beside its flag is fatal from 3.4 on). `ETCDCTL_API=3` is needed on 3.3 only. What
 * the arguments say of the connection themselves is not said beside it: endpoints of both would be asked.
 */
export function etcdctl(access: Access, args: readonly string[], seconds = 5): Command {
  const { tls } = access;
  const files: readonly (readonly [string, string])[] =
    tls === undefined
      ? []
      : [
          ['--cacert', tls.ca],
          ['--cert', tls.cert],
          ['--key', tls.key],
        ];
  const ours = [
    ['--endpoints', access.endpoints.join(',')] as const,
    ['--dial-timeout', '2s'] as const,
    ['--command-timeout', `${seconds}s`] as const,
    ...files,
  ].filter(([flag]) => !hasFlag(args, flag));
  const flags = ours.map(([flag, value]) => `${flag}=${value}`);
  return sh`env -i PATH=/usr/bin:/bin ETCDCTL_API=3 ${access.binDirectory}/etcdctl ${flags} ${args}`;
}

/** Whether the arguments give this flag; behind `--` there are no flags. */
export function hasFlag(args: readonly string[], flag: string): boolean {
  const end = args.indexOf('--');
  return args
    .slice(0, end < 0 ? args.length : end)
    .some((one) => one === flag || one.startsWith(`${flag}=`));
}
