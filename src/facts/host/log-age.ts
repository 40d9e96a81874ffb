import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';
import { askAll } from '../fact.ts';

/** When a member's write-ahead log was made, seconds since 1970 by its host's clock; undefined where the file system does not say. */
export async function askLogBirth(host: Host, wal: string): Promise<number | undefined> {
  const { birth } = await askAll(host, {
    birth: { ask: sh`stat -L -c %W ${wal}`, read: ({ stdout }) => Number(stdout) },
  });
  return birth > 0 ? birth : undefined;
}
