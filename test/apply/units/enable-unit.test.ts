import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { enableUnit } from '../../../src/apply/units/enable-unit.ts';
import { HostError } from '../../../src/host/host-error.ts';
import { localHost } from '../../host/local-host.ts';

const SYSTEMCTL = `#!/bin/sh
echo "$1" >> "$MACHINE/told"
case $1 in
  enable) exit "$ENABLES" ;;
  show) printf '%s\\n' "$SAYS" ;;
esac
`;
const OWN = 'FragmentPath=/etc/systemd/system/etcd.service';
const known = [OWN, 'UnitFileState=enabled', 'NeedDaemonReload=no'];

const enables = test.macro(async (t, says: readonly string[], told: readonly string[]) => {
  const machine = await mkdtemp(join(tmpdir(), 'provision-enable-'));
  t.teardown(() => rm(machine, { recursive: true, force: true }));
  await writeFile(join(machine, 'systemctl'), SYSTEMCTL);
  await chmod(join(machine, 'systemctl'), 0o755);
  const host = localHost('etcd01', {
    PATH: `${machine}:${process.env.PATH}`,
    MACHINE: machine,
    SAYS: says.join('\n'),
    ENABLES: says.length === 0 ? '1' : '0',
  });
  const enabling = enableUnit(host, 'etcd');
  if (says.length === 0) await t.throwsAsync(enabling, { instanceOf: HostError });
  else await t.notThrowsAsync(enabling);
  const lines = await readFile(join(machine, 'told'), 'utf8');
  t.deepEqual(lines.split('\n').slice(0, -1), told);
});

test('enableUnit() spares a host the reload where systemd has read the file', enables, known, [
  'enable',
  'show',
]);

for (const [what, says] of [
  ['knows an older file', [OWN, 'UnitFileState=enabled', 'NeedDaemonReload=yes']],
  [
    'runs a file of the distribution',
    ['FragmentPath=/lib/systemd/system/etcd.service', ...known.slice(1)],
  ],
  ['has not heard that it is enabled', [OWN, 'UnitFileState=disabled', 'NeedDaemonReload=no']],
  ['had looked for the unit in vain', ['FragmentPath=', 'UnitFileState=', 'NeedDaemonReload=no']],
] as const) {
  test(`enableUnit() has all files read again where systemd ${what}`, enables, says, [
    'enable',
    'show',
    'daemon-reload',
  ]);
}

test('enableUnit() fails where the unit cannot be enabled', enables, [], ['enable']);
