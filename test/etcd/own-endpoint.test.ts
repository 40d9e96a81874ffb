import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ownEtcdctlWhileItRuns, PROCESS_ENDED } from '../../src/etcd/own-endpoint.ts';

/** What the command says where etcdctl and the process that it asks do this; `$ETCD` is the process. */
function said(etcdctl: string, etcd: string) {
  const place = mkdtempSync(join(tmpdir(), 'own-endpoint-'));
  const script = (name: string, text: string) => {
    writeFileSync(join(place, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(place, name), 0o755);
  };
  try {
    mkdirSync(join(place, 'bin'));
    script('bin/systemctl', `cat ${place}/pid`);
    script('etcdctl', etcdctl);
    const own = { unit: 'etcd', binDirectory: place, tls: { ca: '', cert: '', key: '' } };
    const command = ownEtcdctlWhileItRuns(own, ['endpoint', 'hashkv'], 60);
    const around = `${etcd} & echo $! > ${place}/pid; PATH=${place}/bin:$PATH; ( ${command.text} ); echo "code $?"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', around], { encoding: 'utf8' });
    return { stdout, stderr };
  } finally {
    rmSync(place, { recursive: true });
  }
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
