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
 * (etcd pkg/flags/flag.go: a variable beside its flag is fatal from 3.4 on). `ETCDCTL_API=3` is needed on 3.3 only.
 */
export function etcdctl(access: Access, args: readonly string[], seconds = 5): Command {
  const { tls } = access;
  const files: Argument =
    tls === undefined ? [] : [`--cacert=${tls.ca}`, `--cert=${tls.cert}`, `--key=${tls.key}`];
  return sh`env -i PATH=/usr/bin:/bin ETCDCTL_API=3 ${access.binDirectory}/etcdctl --endpoints=${access.endpoints.join(',')} --dial-timeout=2s --command-timeout=${seconds}s ${files} ${args}`;
}
