import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { run } from './local-command.ts';
import { diskPaths, labPaths } from './paths.ts';

const PATIENCE_SECONDS = 90;

// An etcd that waits for others to make a quorum keeps systemd starting for ever, and is not a reason to wait for this host.
const QUESTION = `timeout 5 systemctl is-system-running --wait || {
  [ "$(systemctl list-jobs --no-legend | awk '$4 == "running" { print $2 }')" != etcd.service ] || echo only etcd waits
}`;

/**
 * Waits until a login works and systemd has started everything it meant to but an etcd without quorum; sshd answers before
 * logins are allowed. Throws a Failure after 90 s.
 */
export async function untilReady(lab: string, host: string): Promise<void> {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  const ask = ['-F', labPaths(lab).sshConfig, host, QUESTION];
  let said = '';
  while (Date.now() < end) {
    const { stdout, stderr } = await run('ssh', ask);
    said = stdout.trim() || stderr.trim();
    // `degraded` is a host too: something of it failed, but nothing more will come. 255 is ssh's own.
    if (said === 'running' || /degraded|only etcd waits/.test(said)) return;
    await sleep(100);
  }
  throw new Failure('failed', `${host} did not let us in within ${PATIENCE_SECONDS} s: ${said}`, {
    next: [remedy`look at ${diskPaths(lab, host).console}, then provision lab down --name ${lab}`],
  });
}
