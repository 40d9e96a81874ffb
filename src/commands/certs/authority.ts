import { type CertificateDefaults, certificateDefaults } from '../../desired/certificates.ts';
import { desiredCluster } from '../../desired/cluster.ts';
import { loadTemplates } from '../../desired/templates.ts';
import { readIfThere } from '../../durable/durable-file.ts';
import { observePki } from '../../facts/pki.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import type { Inventory } from '../../inventory/schema.ts';
import { authorityDirectory } from '../../pki/ca/authority.ts';
import { signingCa } from '../../pki/ca/unlock-ca.ts';
import { pem } from '../../pki/encoding/der.ts';
import type { SigningCa } from '../../pki/issue/sign.ts';
import { isEncryptedPem, readPrivateKey } from '../../pki/keys/key-files.ts';
import { chainPath, refuseIfShared, storeDirectory } from '../../pki/store/store-files.ts';
import { certificatesOf } from '../../pki/verify/inspect.ts';
import { storeOfOthers } from '../../plan/certificates/store-of-others.ts';
import { provision, remedy } from '../../problem/remedy.ts';
import { openCa, passphraseFrom } from '../../run/passphrase.ts';
import { throwRefusals } from '../../run/throw-refusals.ts';
import { Secret } from '../../shell/secret.ts';
import { readInput } from './read-input.ts';

/** Who signs, with what the inventory says about certificates in general. */
export interface Authority {
  readonly ca: SigningCa;
  /** PEM of the CAs above it; empty for a root. */
  readonly chain: string;
  readonly defaults: CertificateDefaults | undefined;
  /** The store whose CA it is; undefined for one in files of its own. */
  readonly store?: string;
}

export interface AuthorityArguments {
  readonly inventory?: string | undefined;
  readonly ca?: string | undefined;
  readonly caKey?: string | undefined;
  readonly passphraseFrom?: string | undefined;
  readonly profile?: string | undefined;
  readonly json?: boolean | undefined;
}

/** The CA to sign with: the one in files that the options name, else the one in the store of the inventory. */
export async function openAuthority(args: AuthorityArguments, now: Date): Promise<Authority> {
  const file = args.inventory === undefined ? undefined : await readInventory(args.inventory);
  const defaults = file && certificateDefaults(file.inventory);
  if (args.ca !== undefined) {
    return { ...(await fromFiles(args.ca, args, now)), defaults };
  }
  if (file === undefined || defaults === undefined) {
    throw new Failure('usage', 'no CA to sign with: name an inventory, or --ca and --ca-key', {
      next: [remedy`${provision('certs', 'issue', 'inventory.yaml', '--cn', 'NAME')}`],
    });
  }
  const store = storeDirectory(file.inventory, file.directory);
  await refuseOthersStore(file.inventory, store, args);
  // What is to be accepted at peer ports, as far as they trust a CA of their own.
  const isForPeers = args.profile === 'peer' && defaults.hasPeerCa;
  const directory = authorityDirectory(store, isForPeers ? 'peer' : 'client');
  const ca = await openCa(directory, args.passphraseFrom, now);
  return { ca, chain: (await readIfThere(chainPath(directory))) ?? '', defaults, store };
}

/** Throws a Failure (refused) where the store's members are at none of the addresses of the inventory; no host is asked. */
async function refuseOthersStore(
  inventory: Inventory,
  store: string,
  { inventory: path = '', json = false }: AuthorityArguments,
): Promise<void> {
  const desired = desiredCluster(inventory, await loadTemplates());
  const pki = await observePki(store);
  const refusals = storeOfOthers(desired, { ...pki, members: new Map() });
  throwRefusals({ cluster: desired.name, refusals }, { inventory: path, json });
}

async function fromFiles(path: string, args: AuthorityArguments, now: Date) {
  const { caKey } = args;
  if (caKey === undefined)
    throw new Failure('usage', `${path}: to sign, its --ca-key is needed too`, {
      next: [remedy`add --ca-key FILE, the key of that CA`],
    });
  const [own, ...above] = certificatesOf(await readInput(path), path).map((der) =>
    pem('CERTIFICATE', der),
  );
  const text = new Secret(await readInput(caKey));
  await refuseIfShared(caKey);
  const passphrase = isEncryptedPem(text)
    ? await passphraseFrom(args.passphraseFrom, caKey, 'open')
    : undefined;
  const key = readPrivateKey(text, caKey, passphrase);
  const ca = signingCa(own ?? '', key, { certificate: path, key: caKey }, now);
  return { ca, chain: above.join('') };
}
