import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Host } from '../../src/host/host.ts';
import type { Command } from '../../src/shell/command.ts';
import { localHost } from '../host/local-host.ts';

/** A host on this machine whose /run/provision and /var/lib/provision are directories of its own. */
export interface Shelter {
  readonly host: Host;
  readonly directory: string;
}

/** Makes one; its directory goes when the file's tests are over. */
export function shelter(name: string): Shelter {
  const directory = mkdtempSync(join(tmpdir(), 'provision-lock-'));
  made.push(directory);
  const host = localHost(name);
  const moved = (command: Command): Command => ({
    ...command,
    text: command.text.replaceAll(/\/(?:run|var\/lib)\/provision/g, directory),
  });
  return {
    directory,
    host: { ...host, run: (command, options) => host.run(moved(command), options) },
  };
}

const made: string[] = [];

test.after.always('no directory is left', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});
