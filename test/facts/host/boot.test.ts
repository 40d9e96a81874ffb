import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { bootFact } from '../../../src/facts/host/boot.ts';

const { read } = bootFact(['/var/lib/etcd']);
const answer = (...lines: readonly string[]) => ({ exitCode: 0, stdout: `${lines.join('\n')}\n` });

test('bootFact() reads which boot it is, for how long, and that nothing is in its way', (t) => {
  const id = '5219598b-108d-4503-ac22-44ad1ba00e03';
  t.deepEqual(read(answer(`id=${id}`, 'now=55961.52', 'began=55947520000')), {
    ...{
      bootId: id,
      age: 55961.52 - 55947.52,
      isRequired: false,
      fleeting: [],
      closedLogin: undefined,
    },
  });
});

test('bootFact() reads that a reboot is asked for, and mounts that would not come back', (t) => {
  const told = answer(
    ...['id=a', 'now=20.00', 'began=10000000', 'required=yes'],
    ...['by-hand /mnt/a=b', 'tmpfs /var/lib/etcd', 'tmpfs /var/lib/etcd'],
    'closed sshd.service disabled',
  );
  t.deepEqual(read(told), {
    ...{ bootId: 'a', age: 10, isRequired: true },
    fleeting: [
      { target: '/mnt/a=b', why: 'by-hand' },
      { target: '/var/lib/etcd', why: 'tmpfs' },
    ],
    closedLogin: { unit: 'sshd.service', state: 'disabled' },
  });
});

/** What is asked says of a mount of this type, for which systemd has a file or not, with ZFS mounting at boot or not. */
function told(type: string, { file = '', mountsZfs = false } = {}): readonly string[] {
  const bin = mkdtempSync(join(tmpdir(), 'provision-boot-'));
  try {
    const program = (name: string, text: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    program('findmnt', `case "$*" in *FSTYPE*) echo ${type} ;; *) echo /tank ;; esac`);
    program('systemd-escape', 'echo tank.mount');
    program(
      'systemctl',
      `case "$*" in *FragmentPath*) echo FragmentPath=${file} ;; is-enabled*) exit ${mountsZfs ? 0 : 1} ;; esac`,
    );
    const { text } = bootFact(['/tank/etcd']).ask;
    const env = { PATH: `${bin}:${process.env.PATH}` };
    const stdout = execFileSync('/bin/sh', ['-c', text], { encoding: 'utf8', env });
    return read({ exitCode: 0, stdout }).fleeting.map(({ why }) => why);
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
}

test('bootFact() asks what mounts the data at boot: a unit with a file, or the service of ZFS', (t) => {
  t.deepEqual(told('ext4'), ['by-hand']);
  t.deepEqual(told('ext4', { file: '/etc/systemd/system/tank.mount' }), []);
  t.deepEqual(told('zfs'), ['zfs']);
  t.deepEqual(told('zfs', { mountsZfs: true }), []);
  t.deepEqual(told('tmpfs', { file: '/etc/systemd/system/tank.mount' }), ['tmpfs']);
});
