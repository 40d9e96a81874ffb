// The one place where tests may leave files, and the mark by which their processes are found.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Caches of tools, not of tests. */
const CACHES = /^(tsx-\d+|node-compile-cache)$/;

/** A new temporary directory that every test process gets as its TMPDIR: as in the system's own, others may go through. */
export function makeScratch() {
  const scratch = mkdtempSync(join(tmpdir(), 'provision-tests-'));
  chmodSync(scratch, 0o711);
  return scratch;
}

/** Ends the processes and deletes the files that tests left; returns a line for each of them. */
export function clearScratch(scratch) {
  const left = readdirSync(scratch).filter((name) => !CACHES.test(name));
  const processes = processesOf(scratch);
  for (const { pid } of processes) process.kill(pid, 'SIGKILL');
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  return [
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...left.map((name) => `temporary files: ${name}`),
  ];
}

/** What runs with this TMPDIR, told by /proc. */
function processesOf(scratch) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        if (!environment.includes(`TMPDIR=${scratch}`)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        // A zombie has neither, and nothing is left of it to end.
        return command === '' ? [] : [{ pid: Number(name), command: command.slice(0, 120) }];
      } catch (error) {
        // It ended meanwhile, or belongs to another user.
        if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(error.code)) return [];
        throw error;
      }
    });
}
