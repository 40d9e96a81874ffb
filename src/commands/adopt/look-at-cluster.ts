import { dirname, resolve } from 'node:path';
import type { AdoptedCluster } from '../../adopt/decide/adoption.ts';
import { certificateNotes } from '../../adopt/decide/certificate-notes.ts';
import { chosenCluster } from '../../adopt/decide/choose.ts';
import { type Described, describeAdopted } from '../../adopt/decide/describe.ts';
import { type FoundCas, foundCas, withoutKey } from '../../adopt/decide/found-cas.ts';
import { type KeptPair, keptPairs } from '../../adopt/decide/kept-pairs.ts';
import { desiredCertificates } from '../../desired/certificates.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { type AdoptedStart, adoptedInventory } from '../../inventory/adopted-text.ts';
import { parseInventory } from '../../inventory/parse.ts';
import { refuseExistingInventory, writeFirstInventory } from '../../inventory/write.ts';
import { signerDirectory } from '../../pki/ca/peer-ca.ts';
import { unlockCa } from '../../pki/ca/unlock-ca.ts';
import { issue } from '../../pki/issue/issue.ts';
import { storeDirectory } from '../../pki/store/store-files.ts';
import { remedy } from '../../problem/remedy.ts';
import { adoptedText, adoptionData, adoptionText } from '../../report/adoption-text.ts';
import { warn } from '../../report/warn.ts';
import { type Abroad, withAbroad } from '../../run/look-abroad.ts';
import type { ArgumentsOf } from '../command.ts';
import { type BroughtCas, broughtCas, putCas, refuseFilledStore } from './bring-cas.ts';
import { givenAdmin, putAdmin } from './given-admin.ts';
import { keyRecords, putKept } from './keep-pairs.ts';
import type { adoptOptions } from './options.ts';
import { machineNamed, sameAgain, sshGiven, sshOfMachine } from './ssh-given.ts';

type Arguments = ArgumentsOf<typeof adoptOptions> & { readonly hosts: readonly string[] };

/** Describes a cluster that something else made: what it is, and the inventory that says the same. */
export async function lookAtCluster(args: Arguments): Promise<void> {
  const { hosts, out, unit, concurrency } = args;
  if (out !== undefined) refuseExistingInventory(out);
  const reach = { ssh: sshGiven(args), concurrency };
  await withAbroad(hosts.map(machineNamed), reach, async (abroad, connected) => {
    const cluster = chosenCluster({
      found: abroad.found,
      others: new Map([...abroad.hosts].map(([host, { others }]) => [host, others])),
      unit: unit?.replace(/\.service$/, ''),
      again: sameAgain(args),
    });
    const cas = foundCas(cluster);
    const described = descriptionOf(args, cluster, cas, abroad);
    const { start, cannot, notes, kept } = described;
    const text = start && adoptedInventory(start);
    if (args.json)
      console.log(
        JSON.stringify({ ...adoptionData(cluster, cannot, notes, out), inventory: text }),
      );
    else console.log(adoptionText(cluster, cannot, notes, out));
    if (start === undefined || text === undefined)
      throw new Failure('refused', 'no inventory can say what this cluster is', {
        next: [remedy`change what is named above on the hosts, then adopt again`],
      });
    // Whatever was overlooked here, our own reader finds it before anything is written.
    const where = out === undefined ? 'inventory' : `${out} (not written)`;
    for (const warning of parseInventory(text, where).warnings) warn(warning);
    if (out !== undefined) await write(args, out, { start, text, cas, kept }, connected);
    if (args.json) return;
    console.log(out === undefined ? `\n${text}` : adoptedText(out));
  });
}

function descriptionOf(
  args: Arguments,
  cluster: AdoptedCluster,
  cas: FoundCas,
  { unreachable }: Abroad,
): Described & { readonly kept: readonly KeptPair[] } {
  const machines = args.hosts.map(machineNamed);
  const described = describeAdopted(cluster, {
    ...{ cluster: args.cluster, ssh: sshGiven(args), unreachable, cas },
    sshOf: (host, address) => sshOfMachine(machines, host, address),
  });
  const { cannot, notes } = described;
  const start = described.start && {
    ...described.start,
    // What their unit says it goes on to say.
    ...(args.layout === 'keep' && { layout: args.layout, service: {} }),
  };
  if (start?.protocol === 'http') return { start, cannot, notes, kept: [] };
  const now = new Date();
  const hasKey = args.caKey !== undefined || args.caKeyFrom !== undefined;
  const again = [...sameAgain(args), ...(args.unit === undefined ? [] : ['--unit', args.unit])];
  const isKeyless = !hasKey && cas.client !== undefined;
  const { pairs, problems } = isKeyless
    ? keptPairs(cluster, cas, again, now)
    : { pairs: [], problems: [] };
  const more = [
    ...certificateNotes(cluster, cas, now),
    ...(hasKey ? [] : withoutKey(cluster, cas.client, again)),
    ...problems,
  ];
  return {
    start: start && pairs.length > 0 ? { ...start, keys: 'host' } : start,
    ...{ cannot, notes: [...notes, ...more], kept: pairs },
  };
}

/** Judges the CAs before anything is written, then writes store and inventory. */
async function write(
  args: Arguments,
  out: string,
  {
    start,
    text,
    cas,
    kept,
  }: {
    readonly start: AdoptedStart;
    readonly text: string;
    readonly cas: FoundCas;
    readonly kept: readonly KeptPair[];
  },
  connected: ReadonlyMap<string, Host>,
): Promise<void> {
  if (start.protocol === 'https') {
    const store = storeDirectory({ cluster: start.cluster, pki: {} }, dirname(resolve(out)));
    await refuseFilledStore(store);
    const addresses = start.members.map(({ address }) => address);
    const [brought, admin, keys] = await Promise.all([
      broughtCas(cas, args, connected, addresses),
      givenAdmin(args, cas),
      keyRecords(kept, connected),
    ]);
    await putCas(store, brought);
    await putKept(store, kept, keys);
    if (admin === undefined) await issueAdmin(store, text, brought);
    else await putAdmin(store, admin);
  }
  await writeFirstInventory(resolve(out), text);
}

/** Without a certificate of its own nobody could ask the members how they are before the first change. */
async function issueAdmin(store: string, text: string, { client }: BroughtCas): Promise<void> {
  if (client?.key === undefined) return;
  const { inventory } = parseInventory(text, 'inventory');
  const admin = desiredCertificates(inventory).find(({ id }) => id === 'admin');
  if (admin === undefined) return;
  const now = new Date();
  const signer = await unlockCa(
    await signerDirectory(store, admin.authority),
    now,
    client.passphrase,
  );
  await issue(store, admin, now, signer);
}
