import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../src/host/host.ts';
import { localHost } from '../host/local-host.ts';

interface Mortal {
  readonly host: Host;
  /** Lets it do so many changes, and has the shell killed at the next. */
  readonly liveFor: (changes: number) => void;
}

/** A host on which each of these programs counts, and kills the shell that called it when its turn has come. */
export function mortalHost(
  root: string,
  programs: readonly string[],
  path = process.env.PATH,
): Mortal {
  const turns = join(root, 'turns');
  const directory = join(root, 'mortal');
  mkdirSync(directory);
  for (const program of programs) {
    const place = join(directory, program);
    const real = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    writeFileSync(
      place,
      `#!/bin/sh
read -r left < ${turns}; echo $((left - 1)) > ${turns}
[ "$left" -ne 0 ] || { kill -KILL $PPID; exit 1; }
exec ${real} "$@"
`,
    );
    chmodSync(place, 0o755);
  }
  return {
    host: localHost('etcd01', { PATH: `${directory}:${path}` }),
    liveFor: (changes) => writeFileSync(turns, `${changes}\n`),
  };
}
