import { Failure } from '../../failure/failure.ts';
import type { HistoryEntry } from '../../history/history-entry.ts';
import { readLocalHistory } from '../../history/local.ts';
import { mergeHistories } from '../../history/merge.ts';
import { readHostHistory } from '../../history/remote.ts';
import type { Host } from '../../host/host.ts';
import { describeHistory } from '../../report/history-table.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { lookOptions } from '../options/look.ts';

const HERE = 'here';

/** Shows who did what to the cluster and when, as its hosts and this machine remember it. */
export async function history(args: ArgumentsOf<typeof lookOptions>): Promise<void> {
  const accepting = { ...args, needs: 'any-host' as const };
  await withSession(accepting, async ({ desired: { name, members }, hosts, unreachable }) => {
    const cluster = { name, addresses: members.map(({ address }) => address) };
    const remembered = await Promise.all(
      [...hosts].map(async ([host, on]) => [host, await readOrWarn(on, name)] as const),
    );
    const here = await readLocalHistory(cluster);
    const entries = mergeHistories(new Map([[HERE, here], ...remembered]));
    for (const { message } of unreachable.values()) console.error(`warning: ${message}`);
    console.log(
      args.json
        ? JSON.stringify({ cluster: name, deeds: entries })
        : describeHistory(name, entries),
    );
  });
}

// What one host cannot tell, others can.
async function readOrWarn(host: Host, cluster: string): Promise<readonly HistoryEntry[]> {
  try {
    return await readHostHistory(host, cluster);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`warning: ${error.message}`);
    return [];
  }
}
