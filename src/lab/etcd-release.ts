import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { copyPrograms, type EtcdSource } from './etcd-source.ts';
import { must } from './local-command.ts';

const RELEASES = 'https://github.com/etcd-io/etcd/releases/download';

/** etcd from the official release of this version, its checksum verified. */
export const fromRelease: EtcdSource = async (version, target, say) => {
  const name = `${basename(target)}.tar.gz`;
  const sums = await download(`${RELEASES}/v${version}/SHA256SUMS`);
  if (typeof sums === 'string') return `the official release does not answer (${sums})`;
  say(`downloading ${name}`);
  const wanted = (await sums.text()).split('\n').find((line) => line.endsWith(`  ${name}`));
  const answer = await download(`${RELEASES}/v${version}/${name}`);
  if (typeof answer === 'string' || answer.body === null || wanted === undefined)
    return `the official release has no ${name}`;
  const archive = `${target}.download`;
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(archive));
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  if (!wanted.startsWith(hash.digest('hex')))
    throw new Failure('failed', `${name} is not what its SHA256SUMS says`, {
      next: [remedy`run it again, and see whether a proxy changes what is downloaded`],
    });
  const unpacked = `${target}.release`;
  await mkdir(unpacked);
  const args = ['--extract', '--file', archive, '--strip-components=1', '--directory', unpacked];
  await must(`unpack ${name}`, 'tar', args);
  await copyPrograms(unpacked, target);
  await rm(unpacked, { recursive: true });
  await rm(archive);
  return undefined;
};

async function download(url: string): Promise<Response | string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) });
    return answer.ok ? answer : `status ${answer.status}`;
  } catch (error) {
    // A machine without the internet has other ways to etcd.
    return error instanceof Error ? error.message : String(error);
  }
}
