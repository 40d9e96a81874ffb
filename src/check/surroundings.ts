import type { DesiredCluster } from '../desired/cluster.ts';
import { type Answers, type Fact, NOTHING, properties } from '../facts/fact.ts';
import { lines, sh } from '../shell/command.ts';
import { type Disk, diskFact } from './disk.ts';

/** What a host is like beyond what `up` has to know. */
export type HostEnvironment = Answers<ReturnType<typeof surroundingsTable>>;

/** The questions of `check` to one host; they change nothing. `names` are those that URLs and certificates hold. */
export function surroundingsTable({ paths, unit }: DesiredCluster, names: readonly string[]) {
  return {
    kernel: { ask: sh`uname -r`, read: ({ stdout }) => stdout.trim() } satisfies Fact<string>,
    swap: listFact(sh`sed -n '2,$s/[[:space:]].*//p' /proc/swaps`),
    files: filesFact,
    isSynchronized: synchronizedFact,
    data: diskFact(paths.data),
    log: logDisk(paths.walHome),
    programs: diskFact(paths.binaries),
    names: namesFact(names),
    firewalls: listFact(
      sh`for unit in firewalld ufw nftables iptables; do systemctl is-active --quiet $unit.service && echo $unit; done`,
    ),
    processes: processesFact,
    units: listFact(
      sh`systemctl list-unit-files '*etcd*.service' --state=enabled --no-legend --no-pager | cut -d ' ' -f 1`,
    ),
    manifests: listFact(sh`ls -d /etc/kubernetes/manifests/etcd*`),
    dropIns: listFact(
      sh`systemctl show ${unit}.service --property=DropInPaths --value | tr ' ' '\\n'`,
    ),
    variables: variablesFact(unit),
    proxies: proxiesFact(unit),
  };
}

/** Nothing where the log is in the data directory. */
function logDisk(directory: string | undefined): Fact<Disk | undefined> {
  return directory === undefined ? { ask: NOTHING, read: () => undefined } : diskFact(directory);
}

const filesFact: Fact<{
  readonly perProcess: number;
  readonly open: number;
  readonly most: number;
}> = {
  ask: sh`cat /proc/sys/fs/nr_open /proc/sys/fs/file-nr`,
  read({ stdout }) {
    const [perProcess = 0, open = 0, , most = 0] = stdout.trim().split(/\s+/).map(Number);
    return { perProcess, open, most };
  },
};

const synchronizedFact: Fact<boolean> = {
  // Before 239 timedatectl has no `show`.
  ask: sh`timedatectl show --property=NTPSynchronized --value || timedatectl status`,
  read: ({ stdout }) => /^yes$|synchronized: yes/m.test(stdout),
};

function listFact(ask: Fact<readonly string[]>['ask']): Fact<readonly string[]> {
  return { ask, read: ({ stdout }) => stdout.split('\n').filter((line) => line !== '') };
}

function namesFact(names: readonly string[]): Fact<ReadonlyMap<string, readonly string[]>> {
  return {
    ask: lines([
      sh`:`,
      ...names.map(
        (name) =>
          sh`echo ${name}"=$(getent ahosts ${name} | cut -d ' ' -f 1 | sort -u | tr '\\n' ' ')"`,
      ),
    ]),
    read: ({ stdout }) =>
      new Map(
        [...properties(stdout)].map(([name, addresses]) => [
          name,
          addresses.split(' ').filter((address) => address !== ''),
        ]),
      ),
  };
}

/** An etcd that runs, by whatever it was started. */
export interface EtcdProcess {
  readonly pid: number;
  /** Its control group, which names its unit or container. */
  readonly group: string;
}

const processesFact: Fact<readonly EtcdProcess[]> = {
  ask: sh`for directory in /proc/[0-9]*; do
  read -r name < "$directory/comm" || continue
  [ "$name" = etcd ] && echo "\${directory#/proc/} $(tail -n 1 "$directory/cgroup" | cut -d : -f 3-)"
done`,
  read: ({ stdout }) =>
    stdout.split('\n').flatMap((line) => {
      const [pid = '', group = ''] = line.split(' ');
      return pid === '' ? [] : [{ pid: Number(pid), group }];
    }),
};

// Names only: what they hold may be secret.
function variablesFact(unit: string): Fact<readonly string[]> {
  return listFact(sh`{ systemctl show-environment | sed -n 's/^\\(ETCD[^=]*\\)=.*/systemd: \\1/p'
systemctl show ${unit}.service --property=Environment --value | tr ' ' '\\n' | sed -n 's/^\\(ETCD[^=]*\\)=.*/drop-in: \\1/p'
sed -n 's/^[[:space:]]*\\(ETCD[^=]*\\)=.*/\\/etc\\/environment: \\1/p' /etc/environment
}`);
}

function proxiesFact(unit: string): Fact<readonly string[]> {
  return listFact(sh`pid=$(systemctl show ${unit}.service --property=MainPID --value)
[ "$pid" -gt 0 ] && tr '\\0' '\\n' < "/proc/$pid/environ" | grep -i '^[a-z]*_proxy=' | cut -d = -f 1`);
}
