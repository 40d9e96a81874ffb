import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../../src/lab/local-command.ts';
import type { TestLab } from '../lab/lab.ts';

// A test that is killed leaves nobody waiting for ever.
const WAIT = `#!/bin/sh
touch begun
i=0
while [ ! -e go ] && [ $i -lt 1200 ]; do i=$((i + 1)); sleep 0.1; done
`;

/**
 * Runs a command that changes hosts, with an inventory of the lab's own directory. What `happens` does comes after its plan
 * was made and before its first change, where nothing of the plan knows of it.
 */
export async function afterPlan(
  lab: TestLab,
  hook: 'before-up' | 'before-migrate' | 'before-certs-rotate',
  args: readonly string[],
  happens: () => Promise<void>,
): Promise<Outcome> {
  const directory = join(lab.paths.directory, 'hooks');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, hook), WAIT, { mode: 0o755 });
  try {
    const command = { hasEnded: false };
    const ended = lab.provision(args).finally(() => {
      command.hasEnded = true;
    });
    const isBegun = () =>
      access(join(directory, 'begun')).then(
        () => true,
        () => false,
      );
    while (!command.hasEnded && !(await isBegun())) await sleep(50);
    if (!command.hasEnded) await happens();
    await writeFile(join(directory, 'go'), '');
    return await ended;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
