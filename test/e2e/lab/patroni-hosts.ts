import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentRecord, inside, type LabHost } from '../../../src/lab/host.ts';
import { must } from '../../../src/lab/local-command.ts';
import { debianMirror } from '../../../src/lab/mirror.ts';
import { labHome } from '../../../src/lab/paths.ts';
import { type Command, sh } from '../../../src/shell/command.ts';

/** How Patroni reaches etcd. */
export interface EtcdSettings {
  readonly protocol: 'http' | 'https';
  /** ADDRESS:PORT of each member. */
  readonly hosts: readonly string[];
  /** Takes these as they are; else it follows the member list. */
  readonly fixed: boolean;
  /** Directory and name of its certificate, with ca.crt beside it. */
  readonly pair: { readonly directory: string; readonly name: string };
}

/** Installs Debian's Patroni and PostgreSQL on hosts of a lab, past their network, which leads nowhere. */
export async function installPatroni(hosts: readonly LabHost[]): Promise<void> {
  const [first] = hosts;
  if (first === undefined) throw new TypeError('a host for Patroni');
  const { base } = (await currentRecord(first)).lab;
  const directory = await mkdtemp(join(labHome(), 'patroni-'));
  try {
    const debs = await download(directory, base);
    await Promise.all(hosts.map((host) => install(host, debs)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The packages that the base lacks, by an apt that knows only its Debian. */
async function download(directory: string, base: string): Promise<readonly string[]> {
  for (const needed of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(directory, needed), { recursive: true });
  const sources = join(directory, 'sources.list');
  await writeFile(sources, `deb ${await debianMirror()} bookworm main\n`);
  const options = [
    `-oDir::State::Lists=${join(directory, 'lists')}`,
    `-oDir::State::status=${join(base, 'var/lib/dpkg/status')}`,
    `-oDir::Cache=${join(directory, 'cache')}`,
    `-oDir::Etc::SourceList=${sources}`,
    ...['-oDir::Etc::SourceParts=/dev/null', '-oDir::Etc::PreferencesParts=/dev/null'],
    ...['-oAcquire::Languages=none', '-oAPT::Sandbox::User=root', '-oDebug::NoLocking=1'],
  ];
  const slow = { deadline: 600 };
  await must('read the package lists of bookworm', 'apt-get', [...options, 'update'], slow);
  const words = ['install', '--download-only', '--no-install-recommends', '--yes'];
  const packages = ['patroni', 'postgresql-15'];
  await must('download Patroni', 'apt-get', [...options, ...words, ...packages], slow);
  const archives = join(directory, 'cache/archives');
  const files = await readdir(archives);
  return files.filter((file) => file.endsWith('.deb')).map((file) => join(archives, file));
}

async function install(host: LabHost, debs: readonly string[]): Promise<void> {
  const target = join(host.root, 'var/tmp/debs');
  await mkdir(target, { recursive: true });
  for (const deb of debs) await copyFile(deb, join(target, basename(deb)));
  await doAs(
    host,
    sh`set -eu
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
mkdir -p /etc/postgresql-common /etc/patroni
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
dpkg --force-unsafe-io --force-confold --install /var/tmp/debs/*.deb
rm -r /usr/sbin/policy-rc.d /var/tmp/debs`,
  );
}

/** Writes Patroni's configuration on a host. */
export async function configure(host: LabHost, etcd: EtcdSettings): Promise<void> {
  const { name, address } = host;
  const { directory, name: pair } = etcd.pair;
  const tls =
    etcd.protocol === 'http'
      ? {}
      : {
          cacert: `${directory}/ca.crt`,
          cert: `${directory}/${pair}.crt`,
          key: `${directory}/${pair}.key`,
        };
  const account = (username: string) => ({ username, password: 'secret' });
  const file = {
    scope: 'demo',
    name,
    restapi: { listen: '0.0.0.0:8008', connect_address: `${address}:8008` },
    etcd3: { hosts: etcd.hosts, protocol: etcd.protocol, use_proxies: etcd.fixed, ...tls },
    bootstrap: {
      dcs: { ttl: 30, loop_wait: 5, retry_timeout: 10 },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C' }],
      pg_hba: ['local all all trust', 'host all all 0.0.0.0/0 trust', REPLICATION],
    },
    postgresql: {
      listen: `${address},127.0.0.1:5432`,
      connect_address: `${address}:5432`,
      data_dir: '/var/lib/postgresql/demo',
      bin_dir: '/usr/lib/postgresql/15/bin',
      pgpass: '/var/lib/postgresql/pgpass',
      authentication: { superuser: account('postgres'), replication: account('replicator') },
    },
  };
  await writeFile(join(host.root, 'etc/patroni/config.yml'), JSON.stringify(file), { mode: 0o644 });
}

const REPLICATION = 'host replication all 0.0.0.0/0 trust';

/** A member of Patroni's cluster, as patronictl shows it. */
export interface PatroniMember {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline: number;
}

/** What Patroni on a host says of its cluster; nothing while it cannot ask etcd. */
export async function patroniMembers(host: LabHost): Promise<readonly PatroniMember[]> {
  const { stdout, exitCode } = await inside(host, patronictl(sh`list --format json`));
  if (exitCode !== 0) return [];
  const rows = JSON.parse(stdout) as Readonly<Record<string, string | number>>[];
  return rows.map((row) => ({
    name: String(row.Member),
    role: String(row.Role),
    state: String(row.State),
    timeline: Number(row.TL),
  }));
}

/** Waits until these members are there, all running. */
export async function settled(
  host: LabHost,
  roles: Readonly<Record<string, string>>,
): Promise<void> {
  const wanted = JSON.stringify(Object.entries(roles).sort());
  let seen: readonly PatroniMember[] = [];
  for (let looks = 0; looks < 120; looks += 1) {
    seen = await patroniMembers(host);
    const running = seen.filter(({ state }) => state === 'running' || state === 'streaming');
    if (JSON.stringify(running.map(({ name, role }) => [name, role]).sort()) === wanted) return;
    await sleep(1000);
  }
  throw new Error(`Patroni does not settle: ${JSON.stringify(seen)}`);
}

/** Restarts Patroni on each host while PostgreSQL goes on, as its manual says: paused, so that nobody fails over. */
export async function restartPatroni(hosts: readonly LabHost[]): Promise<void> {
  const [first] = hosts;
  if (first === undefined) throw new TypeError('a host for Patroni');
  for (const host of hosts) await doAs(host, sh`systemctl restart patroni`);
  for (const host of hosts)
    for (let looks = 0; ; looks += 1) {
      const { stdout } = await inside(
        host,
        sh`journalctl --unit patroni --lines 1 --output cat --no-pager`,
      );
      if (/no action|PAUSE/.test(stdout)) break;
      if (looks === 120) throw new Error(`${host.name}: Patroni says ${stdout}`);
      await sleep(500);
    }
}

/** Has Patroni change nothing of PostgreSQL, until it is resumed. */
export async function pause(host: LabHost): Promise<void> {
  await doAs(host, patronictl(sh`pause --wait`));
}

export async function resume(host: LabHost): Promise<void> {
  await doAs(host, patronictl(sh`resume --wait`));
}

function patronictl(words: Command): Command {
  return sh`runuser -u postgres -- patronictl -c /etc/patroni/config.yml ${words}`;
}

/** A client that writes ten rows a second over one connection to the leader. */
export async function startWriter(host: LabHost): Promise<void> {
  await doAs(
    host,
    sh`set -eu
rm -f /var/tmp/sql.*
cat > /var/tmp/sql.sh <<'END'
n=0
while [ ! -e /var/tmp/sql.stop ]; do
  n=$((n + 1))
  echo "insert into written values ($n);"
  echo $n > /var/tmp/sql.sent
  sleep 0.1
done | psql -q -h 127.0.0.1 -U postgres -d postgres > /var/tmp/sql.log 2>&1
touch /var/tmp/sql.done
END
runuser -u postgres -- psql -q -h 127.0.0.1 -d postgres -c 'create table written (n integer primary key)'
systemd-run --quiet --unit sql-writer --collect sh /var/tmp/sql.sh`,
  );
}

/** Ends it; how many rows were sent, how many are there, and what the server complained of. */
export async function stopWriter(
  host: LabHost,
): Promise<{ readonly sent: number; readonly there: number; readonly complaints: string }> {
  const { stdout } = await inside(
    host,
    sh`touch /var/tmp/sql.stop
while [ ! -e /var/tmp/sql.done ]; do sleep 0.1; done
cat /var/tmp/sql.sent
runuser -u postgres -- psql -qtA -h 127.0.0.1 -d postgres -c 'select count(*) from written'`,
    { deadline: 60 },
  );
  const [sent = 0, there = 0] = stdout.trim().split('\n').map(Number);
  return { sent, there, complaints: await readFile(join(host.root, 'var/tmp/sql.log'), 'utf8') };
}

async function doAs(host: LabHost, command: Command): Promise<string> {
  const { exitCode, stdout, stderr } = await inside(host, command, { deadline: 600 });
  if (exitCode !== 0) throw new Error(`${host.name}: ${stdout.slice(-500)}${stderr.slice(-1000)}`);
  return stdout;
}
