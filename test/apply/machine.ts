import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { GateContext, Means } from '../../src/apply/step-context.ts';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import { diagnosing } from '../../src/diagnosis/with-diagnosis.ts';
import { Failure } from '../../src/failure/failure.ts';
import type { Host } from '../../src/host/host.ts';
import { keyring } from '../../src/pki/keys/keyring.ts';
import { localHost } from '../host/local-host.ts';
import { NOW, wanted } from '../plan/facts.ts';

/** Hosts made of files: a real /bin/sh, a systemctl and an etcdctl that say what the files tell and note what they are asked. */
export interface Machines {
  readonly directory: string;
  readonly desired: DesiredCluster;
  readonly hosts: ReadonlyMap<string, Host>;
  /** The same as a roll-out takes it, with this many seconds for each wait. */
  site(timeout: number): GateContext & Means;
  /** What systemctl will say of the unit's state, one answer a line, the last one for ever: `active 0`. */
  states(name: string, ...states: readonly string[]): Promise<void>;
  /** Whether etcd answers on this host from now on. */
  answers(name: string, does: boolean): Promise<void>;
  /** Etcd does not answer on this host until its unit is started. */
  answersOnceStarted(name: string): Promise<void>;
  /** Everything systemctl was told to do, in order: `etcd01 stop etcd.service`. */
  told(): Promise<readonly string[]>;
}

const SYSTEMCTL = `#!/bin/sh
case "$*" in
  --version) echo 'systemd 252' ;;
  *LoadState*MainPID*)
    echo LoadState=loaded; echo UnitFileState=enabled; echo "MainPID=$(cat "$MACHINE/pid")"
    echo "ActiveState=$(head -n 1 "$MACHINE/states" | cut -d ' ' -f 1)" ;;
  *LoadState,ActiveState*)
    echo LoadState=loaded; echo "ActiveState=$(head -n 1 "$MACHINE/states" | cut -d ' ' -f 1)"
    [ "$(wc -l < "$MACHINE/states")" -le 1 ] || sed -i 1d "$MACHINE/states" ;;
  *MainPID*--value*) cat "$MACHINE/pid" ;;
  *MainPID) echo "MainPID=$(cat "$MACHINE/pid")" ;;
  *ActiveState*NRestarts*)
    set -- $(head -n 1 "$MACHINE/states"); echo "ActiveState=$1"; echo "NRestarts=$2"
    [ "$(wc -l < "$MACHINE/states")" -le 1 ] || sed -i 1d "$MACHINE/states" ;;
  *ActiveState*--value*) head -n 1 "$MACHINE/states" | cut -d ' ' -f 1 ;;
  show*) echo ;;
  is-enabled*) exit 0 ;;
  is-active*) exit 3 ;;
  *) echo "$NAME $*" >> "$TOLD"; [ "$1" != start ] || [ ! -e "$MACHINE/heals" ] || : > "$MACHINE/answers" ;;
esac
`;

const ETCDCTL = `#!/bin/sh
for word in "$@"; do case $word in --endpoints=http://*) name=\${word#--endpoints=http://} ;; esac; done
machine=$(dirname "$0")/$name
[ -e "$machine/answers" ] || { echo 'context deadline exceeded' >&2; exit 1; }
case "$*" in
  *health*) echo healthy ;;
  *status*) echo '[{"Endpoint":"http://x","Status":{"header":{"cluster_id":1,"member_id":'"\${name#etcd0}"',"revision":1},"version":"3.5.30","leader":3}}]' ;;
  *list*)
    printf '{"header":{"cluster_id":1},"members":['
    for one in "$(dirname "$0")"/etcd0*; do
      printf '%s{"ID":%s,"name":"%s","peerURLs":["http://x"],"clientURLs":["http://x"]}' "$comma" "\${one##*etcd0}" "\${one##*/}"
      comma=,
    done
    echo ']}' ;;
esac
`;

// What the gate asks of etcd's metrics: these hosts have none, and nothing is sent to their addresses.
async function nobody(name: string): Promise<never> {
  throw new Failure('unreachable', `${name}: connection refused`, { next: [] });
}

/** As many hosts as told, all answering; they go when the test ends. */
export async function machines(t: ExecutionContext, count = 3): Promise<Machines> {
  const directory = await mkdtemp(join(tmpdir(), 'provision-machines-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const plain = wanted(count, { protocol: 'http' });
  const desired = { ...plain, paths: { ...plain.paths, current: directory } };
  await executable(join(directory, 'etcdctl'), ETCDCTL);
  await writeFile(join(directory, 'told'), '');

  const hosts = new Map<string, Host>();
  for (const { name } of desired.members) {
    const machine = join(directory, name);
    await mkdir(join(machine, 'bin'), { recursive: true });
    await executable(join(machine, 'bin/systemctl'), SYSTEMCTL);
    await executable(join(machine, 'bin/journalctl'), '#!/bin/sh\n');
    await writeFile(join(machine, 'states'), 'active 0\n');
    await writeFile(join(machine, 'answers'), '');
    const member = spawn('sleep', ['600'], {
      env: { ETCD_ADVERTISE_CLIENT_URLS: `http://${name}` },
    });
    await once(member, 'spawn');
    t.teardown(() => void member.kill());
    await writeFile(join(machine, 'pid'), `${member.pid}\n`);
    const environment = {
      PATH: `${join(machine, 'bin')}:${process.env.PATH}`,
      MACHINE: machine,
      NAME: name,
      TOLD: join(directory, 'told'),
    };
    hosts.set(name, { ...localHost(name, environment), dial: () => nobody(name) });
  }
  return {
    directory,
    desired,
    hosts,
    site: (timeout) => ({
      ...{ desired, hosts, timeout, store: join(directory, 'prod.pki') },
      ...{ now: NOW, keyring: keyring(NOW) },
      diagnose: diagnosing({ desired, hosts, store: join(directory, 'prod.pki') }),
    }),
    states: (name, ...states) =>
      writeFile(join(directory, name, 'states'), `${states.join('\n')}\n`),
    answers: (name, does) =>
      does
        ? appendFile(join(directory, name, 'answers'), '')
        : rm(join(directory, name, 'answers'), { force: true }),
    answersOnceStarted: async (name) => {
      await rm(join(directory, name, 'answers'), { force: true });
      await writeFile(join(directory, name, 'heals'), '');
    },
    told: async () => (await readFile(join(directory, 'told'), 'utf8')).split('\n').slice(0, -1),
  };
}

async function executable(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}
