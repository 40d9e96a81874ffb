import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';

/** Places that change by themselves on a host that nobody touches. */
const RESTLESS = [
  ...['/dev', '/proc', '/run', '/sys', '/tmp', '/var/cache', '/var/lib/systemd', '/var/log'],
  ...['/root/.cache', '/etc/resolv.conf'],
];

/** Every file of a host with rights, owner, time, size and target of links; by what it was before, a test knows nothing changed. */
export async function everyFile(
  host: LabHost,
  except: readonly string[] = [],
): Promise<readonly string[]> {
  const pruned = [...RESTLESS, ...except].flatMap((path) => ['-path', path, '-prune', '-o']);
  const { stdout } = await inside(
    host,
    sh`find / -xdev ${pruned} -printf ${'%p %M %U:%G %T@ %s %l\\n'} | sort`,
  );
  return stdout.split('\n');
}

/** Which run of the unit this is: it changes with every start, and with nothing else. */
export async function unitRun(host: LabHost, unit = 'etcd'): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`systemctl show ${unit}.service --property=ActiveState,InvocationID,MainPID,NRestarts,ActiveEnterTimestampMonotonic,ExecMainStartTimestampMonotonic`,
  );
  return stdout;
}

/** What a shell command inside the host prints, without its last line break. */
export async function said(host: LabHost, script: string): Promise<string> {
  const { stdout, stderr } = await inside(host, sh`/bin/sh -c ${script}`);
  return (stdout + stderr).trimEnd();
}
