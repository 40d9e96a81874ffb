import { readFile } from 'node:fs/promises';
import { labDown } from './down.ts';
import { labNames, type Owner, readRecord } from './record.ts';

/** This process, as the owner of labs that end with it. */
export async function ourselves(): Promise<Owner> {
  const startTime = await startOf(process.pid);
  return { pid: process.pid, startTime: startTime ?? '' };
}

/** Ends the labs whose owners are gone: test runs that were killed leave them. */
export async function endAbandonedLabs(): Promise<void> {
  for (const name of await labNames()) {
    const owner = (await readRecord(name))?.owner;
    if (owner !== undefined && (await startOf(owner.pid)) !== owner.startTime) await labDown(name);
  }
}

// Field 22 of /proc/PID/stat, see proc(5); the name before it is in parentheses and may hold anything.
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(
    // No such process.
    () => '',
  );
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
