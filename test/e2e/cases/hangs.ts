import { join } from 'node:path';
import { dropNothing, dropPort } from '../../../src/lab/faults.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { sh } from '../../../src/shell/command.ts';
import type { Cluster } from '../lab/cluster.ts';
import { doInside, override, restore, usePeerCertificate } from '../lab/sabotage.ts';

const DAY = 86_400_000;
/** A `date` that is three hours behind when asked for seconds; etcd, which asks the kernel, is not fooled. */
const LYING_DATE = String.raw`#!/bin/sh\ncase $1 in +%%s*) exec %s.true -d "3 hours ago" "$1" ;; esac\nexec %s.true "$@"\n`;

/** What goes wrong on the second host, and what a person must be told of it. */
export interface Hang {
  readonly title: string;
  readonly sabotage: (host: LabHost, cluster: Cluster) => Promise<void>;
  readonly repair: (host: LabHost) => Promise<void>;
  /** The beginning of the cause that some host is told, HOST and ADDRESS being the second one's. */
  readonly cause: string;
  /** What a journal line below it holds. */
  readonly line: RegExp;
  readonly next: string;
}

export const CA = {
  subject: [{ type: 'CN', value: 'proof-ca' }],
  hours: 87_600,
  key: { algo: 'ecdsa', size: 256 },
} as const;

export const HANGS: readonly Hang[] = [
  {
    title: 'a peer port that the firewall drops',
    sabotage: (host) => dropPort(host, 2380),
    repair: dropNothing,
    cause: 'cannot reach ',
    line: /dial tcp .*:2380: i\/o timeout/,
    next: 'open that port in the firewall between the members',
  },
  {
    title: 'a peer certificate without the address',
    sabotage: (host, cluster) =>
      usePeerCertificate(
        host,
        cluster,
        cluster.store,
        { names: ['10.9.9.9'], hours: 240 },
        new Date(),
      ),
    repair: restore,
    cause:
      '/etc/etcd-override/peer.crt is valid for 10.9.9.9, not for ADDRESS, where the others dial it',
    line: /certificate is valid for 10\.9\.9\.9, not/,
    next: 'correct that file, or the drop-in that names it, on that host; then provision up INVENTORY',
  },
  {
    title: 'a peer certificate of another CA',
    sabotage: async (host, cluster) => {
      const other = join(cluster.lab.paths.directory, 'other.pki');
      await createCa(other, CA, new Date());
      await usePeerCertificate(
        host,
        cluster,
        other,
        { names: [host.address], hours: 240 },
        new Date(),
      );
    },
    repair: restore,
    cause: '/etc/etcd-override/peer.crt was signed by a CA that ',
    line: /signed by unknown authority/,
    next: 'correct that file, or the drop-in that names it, on that host; then provision up INVENTORY',
  },
  {
    title: 'a peer certificate that has expired',
    sabotage: (host, cluster) =>
      usePeerCertificate(
        host,
        cluster,
        cluster.store,
        { names: [host.address], hours: 24 },
        new Date(Date.now() - 40 * DAY),
      ),
    repair: restore,
    cause: '/etc/etcd-override/peer.crt has expired at ',
    line: /certificate has expired or is not yet valid/,
    next: 'correct that file, or the drop-in that names it, on that host; then provision up INVENTORY',
  },
  {
    title: 'a clock that is wrong',
    sabotage: async (host, cluster) => {
      await usePeerCertificate(
        host,
        cluster,
        cluster.store,
        { names: [host.address], hours: 25 },
        new Date(Date.now() - 40 * DAY),
      );
      await doInside(
        host,
        sh`date=$(command -v date) && mv $date $date.true && printf ${LYING_DATE} $date $date > $date && chmod 755 $date`,
      );
    },
    repair: async (host) => {
      await restore(host);
      await doInside(host, sh`date=$(command -v date) && mv $date.true $date`);
    },
    cause: "the clock of HOST is 3 h behind this machine's, so certificates look invalid",
    line: /certificate has expired or is not yet valid/,
    next: 'set the clock of HOST (timedatectl set-ntp true); then provision up INVENTORY',
  },
  {
    title: 'a port that somebody takes in the last moment',
    sabotage: async (host) => {
      await override(host, {}, ['[Unit]', 'Wants=thief.socket', 'After=thief.socket']);
      await doInside(
        host,
        sh`printf '[Socket]\\nListenStream=%s:2380\\n' ${host.address} > /etc/systemd/system/thief.socket
printf '[Service]\\nExecStart=/bin/sleep 1000\\n' > /etc/systemd/system/thief.service
systemctl daemon-reload`,
      );
    },
    repair: async (host) => {
      await doInside(
        host,
        sh`systemctl stop thief.socket; systemctl stop thief.service; rm /etc/systemd/system/thief.*`,
      );
      await restore(host);
    },
    cause: 'another process listens on ADDRESS:2380',
    line: /listen tcp .*:2380: bind: address already in use/,
    next: 'see who, on that host: ss -ltnp; stop it unless it is an etcd, which may be a member of another cluster; before a first start other etcd.ports may be chosen instead',
  },
  {
    title: 'a key that etcd may not read',
    sabotage: async (host, cluster) => {
      await usePeerCertificate(
        host,
        cluster,
        cluster.store,
        { names: [host.address], hours: 48 },
        new Date(),
      );
      await doInside(
        host,
        sh`chown root /etc/etcd-override/peer.key && chmod 600 /etc/etcd-override/peer.key`,
      );
    },
    repair: restore,
    cause: '/etc/etcd-override/peer.key cannot be read by the account etcd',
    line: /permission denied/,
    next: 'correct that file, or the drop-in that names it, on that host; then provision up INVENTORY',
  },
  {
    title: 'a member that speaks http among members that speak https',
    sabotage: (host) =>
      override(host, {
        ETCD_LISTEN_PEER_URLS: `http://${host.address}:2380`,
        ETCD_PEER_CERT_FILE: '',
        ETCD_PEER_KEY_FILE: '',
        ETCD_PEER_TRUSTED_CA_FILE: '',
        ETCD_PEER_CLIENT_CERT_AUTH: 'false',
      }),
    // A process that speaks the other protocol could be in the middle of a switch: up leaves it alone.
    repair: async (host) => {
      await restore(host);
      await doInside(host, sh`systemctl stop etcd`);
    },
    cause: 'it listens for peers by http, but the members dial it by https',
    line: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/,
    next: 'peer URLs live in the members’ data: see provision status INVENTORY for who says what',
  },
];
