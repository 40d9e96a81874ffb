import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { type UnitFact, unitFact } from '../../../src/facts/host/unit.ts';
import { lines } from '../../../src/shell/command.ts';

// exec.c of systemd names a child "(etcd)" until it has become the account of the unit and runs its program.
/** What is told of a unit whose main process is this one. */
async function told(pid: number | undefined): Promise<UnitFact> {
  const directory = await mkdtemp(join(tmpdir(), 'provision-unit-'));
  const systemctl = join(directory, 'systemctl');
  try {
    await writeFile(
      systemctl,
      `#!/bin/sh\necho LoadState=loaded\necho ActiveState=activating\necho MainPID=${pid}\necho ExecMainStartTimestamp=now\n`,
    );
    await chmod(systemctl, 0o755);
    const { first = [], ask, read } = unitFact('provision-none');
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', lines([...first, ask]).text], {
      env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    }).catch((error: { stdout: string }) => error);
    return read({ exitCode: 0, stdout });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test('unitFact() waits until systemd has handed the process over to its program', async (t) => {
  const child = spawn('/bin/sh', [
    '-c',
    `printf '(sleep)' > /proc/$$/comm; echo; sleep 0.7; ETCD_NAME=r1 exec sleep 20`,
  ]);
  try {
    await once(child.stdout, 'data');
    const found = await told(child.pid);
    t.is(found.pid, child.pid ?? 0);
    t.deepEqual(
      [found.process?.arguments, [...(found.process?.environment ?? [])]],
      ['20', [['ETCD_NAME', 'r1']]],
    );
  } finally {
    child.kill('SIGKILL');
  }
});

test('unitFact() takes what is still of systemd for no process of the unit', async (t) => {
  const child = spawn('/bin/sh', ['-c', `printf '(etcd)' > /proc/$$/comm; echo; sleep 20; :`]);
  try {
    await once(child.stdout, 'data');
    const { pid, process, startedAt, startRefused } = await told(child.pid);
    t.deepEqual({ pid, process, startedAt }, { pid: 0, process: undefined, startedAt: undefined });
    t.false(startRefused);
  } finally {
    child.kill('SIGKILL');
  }
});

test('unitFact() takes a process that has ended for none', async (t) => {
  const child = spawn('/bin/sh', ['-c', 'exit 1']);
  await once(child, 'close');
  const { pid, process, startedAt } = await told(child.pid);
  t.deepEqual({ pid, process, startedAt }, { pid: 0, process: undefined, startedAt: undefined });
});
