import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findHost } from '../../lab/list.ts';
import { labPaths } from '../../lab/paths.ts';

interface Arguments {
  readonly host: string;
  /** What stands after --. */
  readonly '--'?: unknown;
}

/** Hands the terminal to ssh; its exit code becomes ours. */
export async function labSshCommand({ host, '--': rest }: Arguments): Promise<void> {
  const words = Array.isArray(rest) ? rest.map(String) : [];
  const { lab } = await findHost(host);
  const args = ['-F', labPaths(lab).sshConfig, host, ...words];
  const ssh = spawn('ssh', args, { stdio: 'inherit' });
  const [exitCode] = await once(ssh, 'close');
  // What ran there has the say: scripts read it.
  process.exitCode = typeof exitCode === 'number' ? exitCode : 1;
}
