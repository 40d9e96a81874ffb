import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dropNothing, dropPeer, dropPort } from '../../../src/lab/faults.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { sh } from '../../../src/shell/command.ts';
import type { Cluster } from '../lab/cluster.ts';
import { filter, filterNothing } from '../lab/firewall.ts';
import { doInside, override, usePeerCertificate } from '../lab/sabotage.ts';
import { CA } from './hangs.ts';

/** A broken state, on the third of three hosts unless it says otherwise. */
export interface State {
  readonly title: string;
  /** The first line of what doctor says; r1, r2, r3 are the hosts, A1, A2, A3 their addresses, TIME a time of day. */
  readonly first: string;
  /** The line behind it, where that one says what is seen. */
  readonly second?: string;
  readonly make: Make;
  /** What only this state needs; everything else is put back for all. */
  readonly repair?: Make;
}

type Make = (hosts: readonly [LabHost, LabHost, LabHost], cluster: Cluster) => Promise<void>;

const DAY = 86_400_000;
const DATA = '/var/lib/etcd';
const SNAP = `${DATA}/member/snap`;
const WAL = `${DATA}/member/wal`;
const PKI = '/etc/etcd/pki';
const HISTORY = '/var/lib/provision/history.jsonl';
const PROGRAM = '/opt/etcd/3.5.30/etcd';
const START = 'systemctl start --no-block etcd; sleep 2';
const RESTART = 'systemctl restart --no-block etcd; sleep 2';

/** A member that was announced and never came. */
const GHOST = 'https://198.18.0.99:2380';

/** Runs a script on a host; a start that fails is what most of them are for. */
export async function on(host: LabHost, script: string): Promise<void> {
  await doInside(host, sh`sh -c ${`${script}\ntrue`}`);
}

const third =
  (script: string): Make =>
  ([, , host]) =>
    on(host, script);

const dropIn = (...lines: readonly string[]) =>
  `mkdir -p /etc/systemd/system/etcd.service.d
printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} > /etc/systemd/system/etcd.service.d/hand.conf
systemctl daemon-reload`;

const keepSnap = `systemctl stop etcd; cp ${SNAP}/db /root/kept.db`;
const backSnap = third(`systemctl stop etcd; cp /root/kept.db ${SNAP}/db; chown etcd: ${SNAP}/db`);

const peerCertificate =
  (names: readonly string[], hours: number, age = 0): Make =>
  async ([, , host], cluster) => {
    const order = { names: names.length === 0 ? [host.address] : names, hours };
    await usePeerCertificate(host, cluster, cluster.store, order, new Date(Date.now() - age));
    await on(host, RESTART);
  };

export const STATES: readonly State[] = [
  // Stopped, and never started.
  {
    title: 'stopped by hand',
    first: 'r3: stopped by systemctl stop at TIME',
    make: third('systemctl stop etcd'),
  },
  {
    title: 'stopped by somebody with sudo',
    first: 'r3: stopped by root (sudo /usr/bin/systemctl stop etcd) at TIME',
    make: third('sudo systemctl stop etcd'),
  },
  {
    title: 'stopped by a run that was cut off',
    first: 'r3: stopped by provision up (ann@desk, cut off) at TIME',
    make: third(`systemctl stop etcd; now=$(date +%s); cp ${HISTORY} /root/history
printf '{"id":"0000aaaa","cluster":"proof","at":"%s","who":"ann@desk","command":"up","result":"cut off","cutAt":%s}\\n' $(date -u -d @$((now - 20)) +%FT%TZ) $now >> ${HISTORY}`),
    repair: third(`cat /root/history > ${HISTORY}`),
  },
  {
    title: 'stopped and disabled',
    first: 'r3: stopped by systemctl stop at TIME; etcd.service is not enabled',
    make: third('systemctl disable --now etcd'),
    repair: third('systemctl enable etcd'),
  },
  {
    title: 'ended by a signal that nobody tells of',
    first: 'r3: stopped by a signal to its process',
    make: third('kill $(systemctl show etcd --property=MainPID --value); sleep 1'),
  },
  {
    title: 'stopped after failures that were repaired',
    first: 'r3: stopped by systemctl stop at TIME; its start before that had failed',
    make: third(`cp ${PKI}/peer.crt /root/kept.crt; echo text > ${PKI}/peer.crt; ${RESTART}
systemctl stop etcd; cat /root/kept.crt > ${PKI}/peer.crt`),
  },
  {
    title: 'masked',
    first: 'r3: etcd.service is masked: systemd never starts it',
    make: third(
      'systemctl stop etcd; rm /etc/systemd/system/etcd.service; ln -s /dev/null /etc/systemd/system/etcd.service; systemctl daemon-reload',
    ),
  },
  {
    title: 'without its unit file',
    first: 'r3: etcd.service does not exist there',
    make: third(
      'systemctl stop etcd; rm /etc/systemd/system/etcd.service; systemctl daemon-reload',
    ),
  },

  // What systemd cannot start.
  {
    title: 'a drop-in that takes the command away',
    first:
      'r3: systemd cannot load etcd.service: Unit etcd.service has a bad unit file setting. (drop-in /etc/systemd/system/etcd.service.d/hand.conf)',
    make: third(`systemctl stop etcd; ${dropIn('[Service]', 'ExecStart=')}`),
  },
  {
    title: 'a drop-in with a command that fails before',
    first:
      'r3: ExecStartPre= of etcd.service fails: /bin/false (exit code 1) (drop-in /etc/systemd/system/etcd.service.d/hand.conf)',
    make: third(`${dropIn('[Service]', 'ExecStartPre=/bin/false')}; ${RESTART}`),
  },
  {
    title: 'a drop-in with a heartbeat',
    first:
      'r3: etcd refuses its settings: --election-timeout[1000ms] should be at least as 5 times as --heartbeat-interval[5000ms]',
    make: third(`${dropIn('[Service]', 'Environment=ETCD_HEARTBEAT_INTERVAL=5000')}; ${RESTART}`),
  },
  {
    title: 'a drop-in with another account',
    first: 'r3: the account that runs etcd does not exist',
    make: third(`${dropIn('[Service]', 'User=nobody-here')}; ${RESTART}`),
  },
  {
    title: 'no program',
    first: 'r3: the etcd program is missing or cannot be executed: No such file or directory',
    make: third(`systemctl stop etcd; rm ${PROGRAM}; ${START}`),
  },
  {
    title: 'a program of another architecture',
    first: 'r3: the etcd program is missing or cannot be executed: Exec format error',
    make: third(`systemctl stop etcd; rm ${PROGRAM}
(printf '\\177ELF\\002\\001\\001'; head -c 1000 /dev/zero) > ${PROGRAM}; chmod 755 ${PROGRAM}; ${START}`),
  },
  {
    title: 'a program that is not executable',
    first: 'r3: the etcd program is missing or cannot be executed: Permission denied',
    make: third(
      `systemctl stop etcd; cp ${PROGRAM} /root/x; rm ${PROGRAM}; mv /root/x ${PROGRAM}; chmod 644 ${PROGRAM}; ${START}`,
    ),
  },
  {
    title: 'a program for a newer system',
    first: "r3: the etcd program cannot run on this host: version `GLIBC_2.99' not found",
    make: third(`systemctl stop etcd; rm ${PROGRAM}
cat > ${PROGRAM} <<'END'
#!/bin/sh
echo "$0: /lib/x86_64-linux-gnu/libc.so.6: version \\\`GLIBC_2.99' not found (required by $0)" >&2
exit 1
END
chmod 755 ${PROGRAM}; ${START}`),
  },
  {
    title: 'a program that dies without a word',
    first:
      'r3: etcd ends at once: exit code 7; systemd starts it again and again (N restarts); the cause is not known',
    make: third(
      `systemctl stop etcd; rm ${PROGRAM}; printf '#!/bin/sh\\nexit 7\\n' > ${PROGRAM}; chmod 755 ${PROGRAM}; ${START}`,
    ),
  },
  {
    title: 'a unit that gave up',
    first: 'r3: the etcd program is missing or cannot be executed: No such file or directory',
    make: third(
      `systemctl stop etcd; rm ${PROGRAM}; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do systemctl start etcd; done 2>/dev/null`,
    ),
  },

  // Its settings.
  {
    title: 'no etcd.conf',
    first:
      'r3: the file with its settings (EnvironmentFile of the unit) cannot be read: No such file or directory',
    make: third(`rm /etc/etcd/etcd.conf; ${RESTART}`),
  },
  {
    title: 'a heartbeat that is not a number',
    first:
      'r3: etcd refuses a setting: invalid value "soon" for ETCD_HEARTBEAT_INTERVAL: parse error',
    make: third(`echo 'ETCD_HEARTBEAT_INTERVAL="soon"' >> /etc/etcd/etcd.conf; ${RESTART}`),
  },
  {
    title: 'an address that the host does not have',
    first: 'r3: the host does not have the address of 192.0.2.7:2380',
    make: third(
      `sed -i 's,^ETCD_LISTEN_PEER_URLS=.*,ETCD_LISTEN_PEER_URLS="https://192.0.2.7:2380",' /etc/etcd/etcd.conf; ${RESTART}`,
    ),
  },
  {
    title: 'a port that another process has',
    first: 'r3: another process listens on A3:2380',
    make: async ([, , host]) =>
      on(
        host,
        `systemctl stop etcd
printf '[Socket]\\nListenStream=%s:2380\\n' ${host.address} > /etc/systemd/system/thief.socket
printf '[Service]\\nExecStart=/bin/sleep 1000\\n' > /etc/systemd/system/thief.service
systemctl daemon-reload; systemctl start thief.socket; ${START}`,
      ),
    repair: third('systemctl stop thief.socket thief.service; rm /etc/systemd/system/thief.*'),
  },

  // Certificates and keys.
  {
    title: 'server.crt is text',
    first: `r3: ${PKI}/server.crt holds no certificate in PEM`,
    make: third(`echo text > ${PKI}/server.crt; ${RESTART}`),
  },
  {
    title: 'peer.crt is text, while it runs',
    first: `r3: ${PKI}/peer.crt holds no certificate in PEM`,
    make: third(`echo text > ${PKI}/peer.crt`),
  },
  {
    title: 'peer.crt is missing',
    first: `r3: ${PKI}/peer.crt is missing`,
    make: third(`rm ${PKI}/peer.crt; ${RESTART}`),
  },
  {
    title: 'peer.key is the key of another certificate',
    first: `r3: ${PKI}/peer.crt does not belong to the key in ${PKI}/peer.key`,
    make: third(`cat ${PKI}/server.key > ${PKI}/peer.key; ${RESTART}`),
  },
  {
    title: 'server.key belongs to root',
    first: `r3: ${PKI}/server.key cannot be read by the account etcd`,
    make: third(`chown root ${PKI}/server.key; chmod 600 ${PKI}/server.key; ${RESTART}`),
  },
  {
    title: 'ca.crt is text',
    first: `r3: ${PKI}/ca.crt holds no certificate in PEM`,
    make: third(`echo text > ${PKI}/ca.crt; ${RESTART}`),
  },
  {
    title: 'a peer certificate of another CA',
    first:
      'r3: /etc/etcd-override/peer.crt was signed by a CA that r1, r2 do not trust (CN=proof-ca)',
    make: async ([, , host], cluster) => {
      const other = join(cluster.lab.paths.directory, 'other.pki');
      await createCa(other, CA, new Date());
      const order = { names: [host.address], hours: 240 };
      await usePeerCertificate(host, cluster, other, order, new Date());
      await on(host, RESTART);
    },
  },
  {
    title: 'a peer certificate for another address',
    first:
      'r3: /etc/etcd-override/peer.crt is valid for 10.9.9.9, not for A3, where the others dial it',
    make: peerCertificate(['10.9.9.9'], 240),
  },
  {
    title: 'a peer certificate that has expired',
    first: 'r3: /etc/etcd-override/peer.crt has expired at DATE',
    make: peerCertificate([], 26, 30 * DAY),
  },
  {
    title: 'a member that speaks http among members that speak https',
    first: 'r3: it listens for peers by http, but the members dial it by https',
    make: async ([, , host]) => {
      await override(host, {
        ETCD_LISTEN_PEER_URLS: `http://${host.address}:2380`,
        ETCD_PEER_CERT_FILE: '',
        ETCD_PEER_KEY_FILE: '',
        ETCD_PEER_TRUSTED_CA_FILE: '',
        ETCD_PEER_CLIENT_CERT_AUTH: 'false',
      });
      await on(host, RESTART);
    },
  },

  // Its data.
  {
    title: 'a data directory of root',
    first: `r3: ${DATA} belongs to root, not to the account etcd`,
    make: third(`systemctl stop etcd; chown -R root: ${DATA}; ${START}`),
  },
  {
    title: 'a database that etcd may not read',
    first: `r3: ${SNAP}/db does not belong to the account etcd`,
    make: third(`systemctl stop etcd; chown root: ${SNAP}/db; ${START}`),
  },
  {
    title: 'a data directory without rights',
    first: `r3: ${DATA} has mode 0000, so etcd may not use it`,
    make: third(`systemctl stop etcd; chmod 000 ${DATA}; ${START}`),
  },
  {
    title: 'a database that begins with zeros',
    first: 'r3: its database (member/snap/db) is damaged',
    make: third(
      `${keepSnap}; dd if=/dev/zero of=${SNAP}/db bs=4096 count=4 conv=notrunc 2>/dev/null; ${START}`,
    ),
    repair: backSnap,
  },
  {
    title: 'a damaged database that still serves, and ends when it is read to compare it',
    first: 'r3: its database (member/snap/db) is damaged',
    make: third(
      `${keepSnap}; systemctl start etcd; dd if=/dev/urandom of=${SNAP}/db bs=4096 seek=2 count=6 conv=notrunc 2>/dev/null`,
    ),
    repair: backSnap,
  },
  {
    title: 'an empty database',
    first:
      'r3: its database (member/snap/db) is older than its log, empty, or was copied from elsewhere',
    make: third(`${keepSnap}; : > ${SNAP}/db; ${START}`),
    repair: backSnap,
  },
  {
    title: 'a log that is damaged',
    first: 'r3: its data is damaged',
    make: third(`systemctl stop etcd; cp -a ${WAL} /root/kept.wal
for log in ${WAL}/0*.wal; do printf XXXXXXXX | dd of=$log bs=1 seek=200 conv=notrunc 2>/dev/null; done; ${START}`),
    repair: third(`systemctl stop etcd; rm -rf ${WAL}; mv /root/kept.wal ${WAL}`),
  },
  {
    title: 'a log that is damaged, of a member that was stopped',
    first:
      'r3: stopped by systemctl stop at TIME; up does not start it: its data is damaged: its write-ahead log does not fit its checksums; etcd would end as soon as it is started',
    make: third(`systemctl stop etcd; cp -a ${WAL} /root/kept.wal
for log in ${WAL}/0*.wal; do printf XXXXXXXX | dd of=$log bs=1 seek=200 conv=notrunc 2>/dev/null; done`),
    repair: third(`systemctl stop etcd; rm -rf ${WAL}; mv /root/kept.wal ${WAL}`),
  },
  {
    title: 'a log whose end is lost, which a start found before it was stopped',
    first:
      'r3: its log has lost entries that the cluster counts on: it was wiped, cut short or damaged, as its last start found; stopped by systemctl stop at TIME',
    make: third(`systemctl stop etcd; cp -a ${WAL} /root/kept.wal
log=$(ls ${WAL}/0*.wal | tail -n 1); written=$(tr -d '\\000' < $log | wc -c)
dd if=/dev/zero of=$log bs=512 seek=$((written * 9 / 10 / 512)) count=200 conv=notrunc 2>/dev/null
${START}; systemctl stop etcd`),
    repair: third(`systemctl stop etcd; rm -rf ${WAL}; mv /root/kept.wal ${WAL}`),
  },
  {
    title: 'a read-only disk',
    first: `r3: the file system of ${DATA} is read-only`,
    make: third(
      `systemctl stop etcd; mount --bind ${DATA} ${DATA}; mount -o remount,ro,bind ${DATA}; ${START}`,
    ),
  },
  {
    title: 'a full disk',
    first: 'r3: the disk of the data directory is full: 0 MiB are free',
    make: third(`systemctl stop etcd; size=$(du -sm ${DATA} | cut -f 1)
mount -t tmpfs -o size=$((size + 6))m,mode=0700 small /mnt; cp -a ${DATA}/. /mnt; chown etcd: /mnt
mount --bind /mnt ${DATA}; dd if=/dev/zero of=${DATA}/filler bs=64k 2>/dev/null; chown etcd ${DATA}/filler; ${START}`),
  },

  // Its process.
  {
    title: 'a process that is stopped where it stands',
    first:
      'r3: its etcd process PID is stopped by a signal (SIGSTOP) or a debugger: it holds its ports and answers nobody',
    make: third('kill -STOP $(systemctl show etcd --property=MainPID --value)'),
  },
  {
    title: 'a process that was killed',
    first:
      'r3: etcd was killed by signal 9 (KILL): by a person, or by the kernel for want of memory',
    make: third(
      `${dropIn('[Service]', 'RestartSec=60')}; kill -KILL $(systemctl show etcd --property=MainPID --value); sleep 1`,
    ),
  },
  {
    title: 'a log file whose directory is missing',
    first: 'r3: etcd cannot open its log file /var/log/etcd/etcd.log: no such file or directory',
    make: third(
      `${dropIn('[Service]', 'Environment=ETCD_LOG_OUTPUTS=/var/log/etcd/etcd.log')}; ${RESTART}`,
    ),
  },
  {
    title: 'a damaged database that only a log file tells of',
    first: 'r3: its database (member/snap/db) is damaged',
    make: third(`mkdir -p /var/log/etcd; chown etcd: /var/log/etcd
${dropIn('[Service]', 'Environment=ETCD_LOG_OUTPUTS=/var/log/etcd/etcd.log', 'ReadWritePaths=/var/log/etcd')}
${keepSnap}; dd if=/dev/zero of=${SNAP}/db bs=4096 count=4 conv=notrunc 2>/dev/null; ${START}`),
    repair: async (hosts, cluster) => {
      await backSnap(hosts, cluster);
      await third('rm -rf /var/log/etcd')(hosts, cluster);
    },
  },

  {
    title: 'a log file where the unit may not write',
    first: 'r3: etcd cannot open its log file /var/log/etcd/etcd.log: read-only file system',
    make: third(`mkdir -p /var/log/etcd; chown etcd: /var/log/etcd
${dropIn('[Service]', 'Environment=ETCD_LOG_OUTPUTS=/var/log/etcd/etcd.log')}; ${RESTART}`),
    repair: third('rm -rf /var/log/etcd'),
  },

  // The network and its clock.
  {
    title: 'a peer port that a firewall drops both ways',
    first:
      'r3: cannot reach the peer port of r1, r2, nor can r1, r2 reach its own (2380): no answer',
    make: async ([, , host]) => {
      await dropPort(host, 2380);
      await on(host, RESTART);
    },
  },
  {
    title: 'a peer port that a firewall drops one way',
    first: 'r3: r1, r2 cannot reach its peer port 2380: no answer',
    make: async ([, , host]) => {
      await filter(host, 'iifname != lo tcp dport 2380 drop');
      await on(host, RESTART);
    },
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a peer port that a firewall rejects',
    first: 'r3: r1, r2 cannot reach its peer port 2380: the connection is refused on the way',
    make: async ([, , host]) => {
      await filter(host, 'iifname != lo tcp dport 2380 reject with tcp reset');
      await on(host, RESTART);
    },
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a client port that its host drops',
    first: 'r3: it listens, but its own host cannot reach its client port A3:2379: no answer',
    make: ([, , host]) => filter(host, 'tcp dport 2379 drop'),
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a client port that its host rejects with a reset',
    first:
      'r3: it listens, but its own host cannot reach its client port A3:2379: the connection is refused on the way',
    make: ([, , host]) => filter(host, 'tcp dport 2379 reject with tcp reset'),
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a client port that its host rejects by ICMP',
    first:
      'r3: it listens, but its own host cannot reach its client port A3:2379: the connection is refused on the way',
    make: ([, , host]) => filter(host, 'tcp dport 2379 reject'),
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a client port that is prohibited by ICMP',
    first: 'r3: it listens, but its own host cannot reach its client port A3:2379: no route',
    make: ([, , host]) => filter(host, 'tcp dport 2379 reject with icmpx type admin-prohibited'),
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a client port that only other hosts do not reach',
    first: 'proof: nothing wrong found',
    second:
      'note: r3 answers on its own host, but r1, r2 cannot reach its client port A3:2379: the connection is refused on the way',
    make: ([, , host]) => filter(host, 'iifname != lo tcp dport 2379 reject with tcp reset'),
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a client port that only one host does not reach',
    first: 'proof: nothing wrong found',
    second:
      'note: r3 answers on its own host, but r1 cannot reach its client port A3:2379: no answer',
    make: ([first, , host]) => filter(host, `ip saddr ${first.address} tcp dport 2379 drop`),
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'a client port that the operator alone does not reach',
    first: 'proof: nothing wrong found',
    make: ([first, second, host]) =>
      filter(
        host,
        `iifname != lo ip saddr != { ${first.address}, ${second.address} } tcp dport 2379 drop`,
      ),
    repair: ([, , host]) => filterNothing(host),
  },
  {
    title: 'two members that do not reach each other',
    first: 'r1: cannot reach the peer port of r3, nor can r3 reach its own (2380): no answer',
    make: async ([first, , host]) => {
      await dropPeer(host, first);
      await on(host, RESTART);
    },
  },
  {
    title: 'a clock that is wrong',
    first: "r3: its clock is 3 h behind this machine's",
    make: third(
      `cp $(command -v date) /usr/bin/date.true; cat > /usr/local/bin/date <<'END'
#!/bin/sh
case $1 in +%s*) exec date.true -d '3 hours ago' "$1" ;; esac
exec date.true "$@"
END
chmod 755 /usr/local/bin/date`,
    ),
    repair: third('rm /usr/local/bin/date'),
  },
  {
    title: 'an sshd that is stopped',
    first: 'r3: cannot reach A3 port 22: connect ECONNREFUSED A3:22',
    make: third('systemctl stop ssh.socket ssh.service 2>/dev/null || systemctl stop ssh'),
    repair: third('systemctl start ssh'),
  },

  // Several members, and their list.
  {
    title: 'two of three stopped',
    first: 'r2: stopped by systemctl stop at TIME',
    make: async ([, second, host]) => {
      await on(host, 'systemctl stop etcd; sleep 1');
      await on(second, 'systemctl stop etcd');
    },
  },
  {
    title: 'two of three with damaged databases',
    first: 'r2, r3: its database (member/snap/db) is damaged',
    make: async ([, second, host]) => {
      await Promise.all(
        [second, host].map((one) =>
          on(
            one,
            `${keepSnap}; dd if=/dev/zero of=${SNAP}/db bs=4096 count=4 conv=notrunc 2>/dev/null; ${START}`,
          ),
        ),
      );
    },
    repair: async ([, second, host]) => {
      for (const one of [second, host])
        await on(one, `systemctl stop etcd; cp /root/kept.db ${SNAP}/db; chown etcd: ${SNAP}/db`);
    },
  },
  {
    title: 'a fourth member that never started',
    first: `proof: member ID at ${GHOST} is in etcd's list, never started, and is not in the inventory: 3 of 4 must answer, 3 do, none may fail`,
    make: async (_hosts, { lab, inventory }) => {
      const add = ['member', 'add', 'ghost', `--peer-urls=${GHOST}`];
      // etcd refuses a new member until it has heard from all others for five seconds.
      for (let tries = 1; tries <= 20; tries++) {
        const { exitCode } = await lab.provision(['etcdctl', inventory, '--', ...add]);
        if (exitCode === 0) return;
        await sleep(1000);
      }
    },
    repair: forget,
  },
  {
    title: 'two members of one name',
    first:
      "proof: 2 members are called r1 in etcd's list: ID at https://A1:2380 and ID at https://A2:2380; each counts for the quorum (2 of 3 must answer, 3 do, 1 may fail), but who looks a member up by its name finds either",
    make: async ([first, second]) =>
      on(
        second,
        `sed -i 's,^ETCD_NAME=.*,ETCD_NAME="${first.name}",' /etc/etcd/etcd.conf; systemctl restart etcd; sleep 1`,
      ),
  },
];

async function forget(_hosts: unknown, { lab, inventory }: Cluster): Promise<void> {
  const { stdout } = await lab.provision(['etcdctl', inventory, '--', 'member', 'list']);
  const id =
    stdout
      .split('\n')
      .find((line) => line.includes(GHOST))
      ?.split(',')[0] ?? '';
  await lab.provision(['etcdctl', inventory, '--', 'member', 'remove', id]);
}

/** Puts a host back as it was when `keep` ran, whatever state it was in. */
export async function putBack(hosts: readonly LabHost[]): Promise<void> {
  await Promise.all(
    hosts.map(async (host) => {
      await dropNothing(host);
      await on(
        host,
        `pid=$(systemctl show etcd --property=MainPID --value); [ "$pid" = 0 ] || kill -CONT $pid
rm -rf /etc/systemd/system/etcd.service.d /etc/etcd-override
cmp -s /root/keep/etcd ${PROGRAM} && [ -x ${PROGRAM} ] || { systemctl stop etcd; rm -f ${PROGRAM}; cp -p /root/keep/etcd ${PROGRAM}; }
if mountpoint -q ${DATA}; then systemctl stop etcd; umount ${DATA}; ! mountpoint -q /mnt || umount /mnt; fi
rm -f /etc/systemd/system/etcd.service; cp -p /root/keep/etcd.service /etc/systemd/system/etcd.service
rm -rf /etc/etcd; cp -a /root/keep/conf /etc/etcd
chown -R etcd: ${DATA}; chmod 700 ${DATA}
systemctl daemon-reload; systemctl reset-failed etcd 2>/dev/null; systemctl restart --no-block etcd`,
      );
    }),
  );
}

/** Keeps what `putBack` puts back. */
export async function keep(hosts: readonly LabHost[]): Promise<void> {
  await Promise.all(
    hosts.map((host) =>
      on(
        host,
        `mkdir -p /root/keep; cp -p ${PROGRAM} /root/keep/etcd; cp -p /etc/systemd/system/etcd.service /root/keep/; cp -a /etc/etcd /root/keep/conf`,
      ),
    ),
  );
}
