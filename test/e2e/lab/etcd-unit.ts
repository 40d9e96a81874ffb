import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';

/** One start of etcd on a host and the configuration beside it: both stay as they are while nobody touches the member. */
export async function memberState(host: LabHost): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`systemctl show etcd.service --property=ActiveState,InvocationID
[ ! -e /etc/etcd/etcd.conf ] || sha256sum /etc/etcd/etcd.conf
ls -A /etc/etcd /opt/etcd /opt/etcd/etcd/ 2>/dev/null`,
  );
  return stdout;
}

/** The same for all hosts, in order. */
export function memberStates(hosts: readonly LabHost[]): Promise<readonly string[]> {
  return Promise.all(hosts.map(memberState));
}
