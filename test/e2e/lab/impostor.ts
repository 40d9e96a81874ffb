import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { currentRecord, type LabHost } from '../../../src/lab/host.ts';
import { must } from '../../../src/lab/local-command.ts';
import type { ClientPair } from '../observer/tls-client.ts';

const PORT = 12_380;
const TABLE = 'impostor';

/**
 * Lets connections from the host itself to its peer port meet another TLS server, which shows this pair: a listener
 * that goes on showing an old certificate whatever lies in the files. Other members reach etcd as before.
 */
export async function impostor(host: LabHost, pair: ClientPair): Promise<() => Promise<void>> {
  const { netns } = (await currentRecord(host)).host;
  const nft = (input: string) =>
    must('redirect', 'ip', ['netns', 'exec', netns, 'nft', '--file', '-'], { input });
  const files = ['-cert', pair.certFile, '-key', pair.keyFile];
  const server = ['openssl', 's_server', '-accept', String(PORT), ...files, '-www', '-quiet'];
  const child = spawn('ip', ['netns', 'exec', netns, ...server], { stdio: 'ignore' });
  await nft(`table ip ${TABLE} {
 chain output {
  type nat hook output priority -100
  ip daddr ${host.address} tcp dport 2380 redirect to :${PORT}
 }
}
`);
  return async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    await nft(`delete table ip ${TABLE}\n`);
  };
}
