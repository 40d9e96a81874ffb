import { resolve } from 'node:path';
import { chosenCluster } from '../../adopt/decide/choose.ts';
import { describeAdopted } from '../../adopt/decide/describe.ts';
import { Failure } from '../../failure/failure.ts';
import { adoptedInventory } from '../../inventory/adopted-text.ts';
import { parseInventory } from '../../inventory/parse.ts';
import { refuseExistingInventory, writeFirstInventory } from '../../inventory/write.ts';
import { remedy } from '../../problem/remedy.ts';
import { adoptedText, adoptionData, adoptionText } from '../../report/adoption-text.ts';
import { withAbroad } from '../../run/look-abroad.ts';
import type { ArgumentsOf } from '../command.ts';
import type { adoptOptions } from './options.ts';
import { machineNamed, sshGiven, sshOfMachine } from './ssh-given.ts';

/** Describes a cluster that something else made: what it is, and the inventory that says the same. */
export async function adopt(args: ArgumentsOf<typeof adoptOptions>): Promise<void> {
  const { hosts, out, unit, json, concurrency } = args;
  if (out !== undefined) refuseExistingInventory(out);
  const ssh = sshGiven(args);
  const machines = hosts.map(machineNamed);
  await withAbroad(machines, { ssh, concurrency }, async ({ found, unreachable }) => {
    const cluster = chosenCluster(found, unit?.replace(/\.service$/, ''), hosts);
    const { start, cannot, notes } = describeAdopted(cluster, {
      ...{ cluster: args.cluster, ssh, unreachable },
      sshOf: (host, address) => sshOfMachine(machines, host, address),
      ...{ peerCa: 'shared', store: undefined },
    });
    const text = start && adoptedInventory(start);
    const where = out === undefined ? 'inventory' : `${out} (not written)`;
    const parsed = text === undefined ? undefined : parseInventory(text, where);
    if (json)
      console.log(JSON.stringify({ ...adoptionData(cluster, cannot, notes), inventory: text }));
    else console.log(adoptionText(cluster, cannot, notes));
    if (text === undefined)
      throw new Failure('refused', 'no inventory can say what this cluster is', {
        next: [remedy`change what is named above on the hosts, then adopt again`],
      });
    for (const warning of parsed?.warnings ?? []) console.error(`warning: ${warning}`);
    if (out !== undefined) await writeFirstInventory(resolve(out), text);
    if (json) return;
    if (out === undefined) console.log(`\n${text}`);
    else console.log(adoptedText(out));
  });
}
