import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ownEtcdctl, ownEtcdctlWhileItRuns, PROCESS_ENDED } from '../../src/etcd/own-endpoint.ts';

/** Waits until the process that was started last is this program: until then it has what its shell was given. */
const until = (program: string) =>
  `while [ -e /proc/$! ] && [ "$(cat /proc/$!/comm 2>/dev/null)" != ${program} ]; do :; done`;

/** A directory with an etcdctl that does this and a systemctl that knows a process by the file `pid`, for as long as it is used. */
function withPrograms<T>(etcdctl: string, use: (place: string) => T): T {
  const place = mkdtempSync(join(tmpdir(), 'own-endpoint-'));
  const script = (name: string, text: string) => {
    writeFileSync(join(place, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(place, name), 0o755);
  };
  try {
    mkdirSync(join(place, 'bin'));
    script('bin/systemctl', `cat ${place}/pid`);
    script('etcdctl', etcdctl);
    return use(place);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** What the command says where etcdctl and the process that it asks do this; `$ETCD` is the process. */
function said(etcdctl: string, etcd: string) {
  return withPrograms(etcdctl, (place) => {
    const own = { unit: 'etcd', binDirectory: place, tls: { ca: '', cert: '', key: '' } };
    const command = ownEtcdctlWhileItRuns(own, ['endpoint', 'hashkv'], 60);
    const around = `${etcd} & echo $! > ${place}/pid; ${until('sleep')}; PATH=${place}/bin:$PATH; ( ${command.text} ); echo "code $?"; kill $!`;
    const { stdout, stderr } = spawnSync('bash', ['-c', around], { encoding: 'utf8' });
    return { stdout, stderr };
  });
}

test('ownEtcdctlWhileItRuns() gives what etcdctl says, and its code', (t) => {
  const etcd = 'ETCD_LISTEN_CLIENT_URLS=http://127.0.0.1:2379 sleep 2';
  t.is(said('echo "$*"; exit 0', etcd).stdout.split(' ').at(-1), '0\n');
  t.regex(said('echo "$*"', etcd).stdout, /--command-timeout=60s endpoint hashkv\ncode 0/);
  t.like(said('echo no >&2; exit 3', etcd), { stdout: 'code 3\n', stderr: 'no\n' });
});

test('ownEtcdctlWhileItRuns() gives up when the process that is asked has ended, and says so', (t) => {
  const { stdout, stderr } = said('exec sleep 50', 'sleep 1');
  t.is(stdout, `code ${PROCESS_ENDED}\n`);
  t.regex(stderr, /the etcd process ended while it was asked/);
});

/** The words that reach etcdctl about an etcd of somebody else, which was started with these; `@` is its directory. */
function lentBy(
  environment: string,
  words: string,
  files: Readonly<Record<string, string>> = {},
): string {
  return withPrograms('echo "$*"', (place) => {
    // A shell that waits: its words behind the first are its own to ignore.
    copyFileSync('/bin/bash', join(place, 'etcd'));
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(place, name), text.replaceAll('@', place));
    const tls = { ca: '/none/ca.crt', cert: '/none/a.crt', key: '/none/a.key' };
    const { text } = ownEtcdctl({ unit: 'etcd', binDirectory: place, tls }, ['member', 'list']);
    const started = `env -i PATH=$PATH ${environment} ${place}/etcd -c 'sleep 5; :' ${words} >/dev/null 2>&1`;
    const around = `${started.replaceAll('@', place)} & echo $! > ${place}/pid; ${until('etcd')}; ( PATH=${place}/bin:$PATH; ${text} ); kill $!`;
    const { stdout } = spawnSync('bash', ['-c', around], { encoding: 'utf8' });
    return stdout.replaceAll(place, '@').trim();
  });
}

const PAIRS = { 'ca.crt': 'one', 'peer-ca.crt': 'one' };
const asks = (pair: string) =>
  `--endpoints=https://10.0.0.1:2379 --dial-timeout=2s --command-timeout=5s --insecure-skip-tls-verify --cacert=@/ca.crt --cert=@/${pair}.crt --key=@/${pair}.key member list`;

test('ownEtcdctl() asks an etcd of somebody else with the certificate of its peers', (t) => {
  const variables = [
    'ETCD_LISTEN_CLIENT_URLS=https://10.0.0.1:2379 ETCD_ADVERTISE_CLIENT_URLS=https://10.0.0.1:2379',
    'ETCD_TRUSTED_CA_FILE=@/ca.crt ETCD_CERT_FILE=@/server.crt ETCD_KEY_FILE=@/server.key',
    'ETCD_PEER_TRUSTED_CA_FILE=@/peer-ca.crt ETCD_PEER_CERT_FILE=@/peer.crt ETCD_PEER_KEY_FILE=@/peer.key',
  ].join(' ');
  t.is(lentBy(variables, '', PAIRS), asks('peer'));
  // Flags go before variables.
  const flags = '--peer-cert-file @/other.crt --peer-key-file=@/other.key';
  t.is(lentBy(variables, flags, PAIRS), asks('other'));
  // Where peers have a CA of their own, clients are not known by it.
  t.is(lentBy(variables, '', { ...PAIRS, 'peer-ca.crt': 'two' }), asks('server'));
});

test('ownEtcdctl() finds the certificates of an etcd that reads a file of YAML there alone', (t) => {
  const yaml = `listen-client-urls: https://10.0.0.1:2379
advertise-client-urls: https://10.0.0.1:2379
client-transport-security:
  cert-file: "@/server.crt" # as it was
  key-file: '@/server.key'
  trusted-ca-file: @/ca.crt
peer-transport-security:
  cert-file: @/peer.crt
  key-file: @/peer.key
  trusted-ca-file: @/peer-ca.crt
`;
  const given = (files: Readonly<Record<string, string>>) =>
    lentBy('ETCD_CERT_FILE=/not/read.crt', '--config-file=@/etcd.yml', files);
  t.is(given({ ...PAIRS, 'etcd.yml': yaml }), asks('peer'));
  t.is(given({ ...PAIRS, 'peer-ca.crt': 'two', 'etcd.yml': yaml }), asks('server'));
});

test('ownEtcdctlWhileItRuns() asks where the process listens, whatever it advertises', (t) => {
  const asked = (advertised: string, listened: string) => {
    const variables = `ETCD_ADVERTISE_CLIENT_URLS=${advertised} ETCD_LISTEN_CLIENT_URLS=${listened}`;
    const { stdout } = said('echo "$*"', `${variables} exec sleep 600`);
    return /--endpoints=(\S+)/.exec(stdout)?.[1];
  };
  const both = 'https://10.0.0.1:2379,http://127.0.0.1:2379';
  t.is(asked('https://10.0.0.1:2379/', both), 'https://10.0.0.1:2379');
  t.is(asked('https://10.0.0.1:2380', both), 'https://10.0.0.1:2379');
  t.is(asked('http://10.0.0.1:2380', 'http://0.0.0.0:2379'), 'http://10.0.0.1:2379');
  t.is(
    asked('http://10.0.0.1:4001', 'http://0.0.0.0:2379,http://0.0.0.0:4001'),
    'http://10.0.0.1:4001',
  );
  t.is(asked('http://[fd00::1]:2380', 'http://[::]:2379'), 'http://[fd00::1]:2379');
});
