import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';
import { askAll } from '../fact.ts';

/** The host's own time, to the second. Throws when the host cannot be asked. */
export async function clockOf(host: Host): Promise<Date> {
  const { seconds } = await askAll(host, {
    seconds: { ask: sh`date +%s`, read: ({ stdout }) => Number(stdout) },
  });
  return new Date(seconds * 1000);
}
