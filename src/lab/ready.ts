import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure/failure.ts';
import { run } from './local-command.ts';
import { diskPaths, labPaths } from './paths.ts';

const PATIENCE_SECONDS = 90;

/**
 * Waits until a login works and systemd has started everything it meant to; sshd answers before logins are allowed.
 * Throws a Failure after 90 s.
 */
export async function untilReady(lab: string, host: string): Promise<void> {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  const ask = ['-F', labPaths(lab).sshConfig, host, 'systemctl is-system-running --wait'];
  let said = '';
  while (Date.now() < end) {
    const { exitCode, stdout, stderr } = await run('ssh', ask);
    said = stdout.trim() || stderr.trim();
    // `degraded` is a host too: something of it failed, but nothing more will come. 255 is ssh's own.
    if (exitCode === 0 || said === 'degraded') return;
    await sleep(100);
  }
  throw new Failure('failed', `${host} did not let us in within ${PATIENCE_SECONDS} s: ${said}`, {
    next: `look at ${diskPaths(lab, host).console}, then provision lab down --name ${lab}`,
  });
}
