import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { redact } from '../shell/secret.ts';
import { DONE, logTime, oldLogs } from './old-logs.ts';
import { stateHome } from './state-home.ts';

// One for the whole program, as stderr is: what goes wrong anywhere belongs into it.
let log: Log | undefined;

/** The file, opened once: to open it for each line takes longer than to write it. */
interface Log {
  readonly path: string;
  readonly descriptor: number;
}

/**
 * Starts the log of this run: a file of its own under the state directory, readable by its owner only. The words after
 * `--` stay out of it, since what is passed on may hold passwords. Where no file can be made the run goes on without.
 */
export function startLog(
  argv: readonly string[],
  cluster: string,
  directory = join(stateHome(), 'logs'),
): void {
  if (log !== undefined) return;
  const passedOn = argv.indexOf('--');
  const words = passedOn < 0 ? argv : argv.slice(0, passedOn);
  const name = words.slice(0, 2).filter((word) => /^[a-z-]+$/.test(word));
  const now = new Date();
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const old of oldLogs(readdirSync(directory), now))
      rmSync(join(directory, old), { force: true });
    const file = `${[logTime(now), cluster, ...name, process.pid].join('-')}.log`;
    const path = join(directory, file);
    log = { path, descriptor: openSync(path, 'a', 0o600) };
  } catch {
    // A home that is read-only, full or missing.
    return;
  }
  note(`provision ${words.join(' ')}`);
}

/** Adds to the log of this run, redacted; nothing happens without one. */
export function note(text: string): void {
  if (log === undefined) return;
  try {
    appendFileSync(log.descriptor, `${new Date().toISOString()} ${redact(text)}\n`);
  } catch {
    // The disk is full: a log cut short must not end the run.
    close(log);
  }
}

/** The file this run is logged to. */
export function logPath(): string | undefined {
  return log?.path;
}

/** Ends the log of a run that no error names: it is not kept as long as others. */
export function endLog(): void {
  if (log === undefined) return;
  try {
    renameSync(log.path, log.path.replace(/\.log$/, DONE));
  } catch {
    // Somebody deleted it, or its directory is read-only by now.
  }
  close(log);
}

function close({ descriptor }: Log): void {
  log = undefined;
  try {
    closeSync(descriptor);
  } catch {
    // What could not be written before is not written now.
  }
}
