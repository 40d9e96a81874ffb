import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { unitFact } from '../../../src/facts/host/unit.ts';

// exec.c of systemd names a child "(etcd)" until it has become the account of the unit and runs its program.
test('unitFact() waits until systemd has handed the process over to its program', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'provision-unit-'));
  const child = spawn('/bin/sh', [
    '-c',
    `printf '(sleep)' > /proc/$$/comm; echo; sleep 0.7; ETCD_NAME=r1 exec sleep 20`,
  ]);
  try {
    await once(child.stdout, 'data');
    const systemctl = join(directory, 'systemctl');
    await writeFile(
      systemctl,
      `#!/bin/sh\necho LoadState=loaded\necho ActiveState=activating\necho MainPID=${child.pid}\necho ExecMainStartTimestamp=now\n`,
    );
    await chmod(systemctl, 0o755);
    const { ask, read } = unitFact('provision-none');
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', ask.text], {
      env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    });
    const found = read({ exitCode: 0, stdout }).process;
    t.deepEqual([found?.arguments, [...(found?.environment ?? [])]], ['20', [['ETCD_NAME', 'r1']]]);
  } finally {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
});
