import type { FoundCa, FoundCas } from '../../adopt/decide/found-cas.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { authorityDirectory } from '../../pki/ca/authority.ts';
import { type FitCa, fitCa, putCa } from '../../pki/ca/bring-ca.ts';
import { writeTrust } from '../../pki/ca/ca-rotation.ts';
import { isEncryptedPem } from '../../pki/keys/key-files.ts';
import { observeStore } from '../../pki/store/store.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { passphraseFrom } from '../../run/passphrase.ts';
import { sh } from '../../shell/command.ts';
import { Secret } from '../../shell/secret.ts';
import { readInput } from '../certs/read-input.ts';
import type { ArgumentsOf } from '../command.ts';
import type { adoptOptions } from './options.ts';

type Arguments = Pick<
  ArgumentsOf<typeof adoptOptions>,
  'caKey' | 'caKeyFrom' | 'peerCaKey' | 'peerCaKeyFrom' | 'passphraseFrom'
>;

const WITHOUT_KEY = [
  remedy`adopt without its key: members keep the certificates that they have, and after up ${provision('certs', 'rotate-ca', INVENTORY)} brings them a CA that may sign`,
];

/** CAs that may take their place in a store. */
export interface BroughtCas {
  readonly client: FitCa | undefined;
  readonly peer: FitCa | undefined;
}

/**
 * The CAs that members trust, with the keys that were given for them. Throws a Failure where a CA could not sign for these
 * addresses, or a key is none of its.
 */
export async function broughtCas(
  cas: FoundCas,
  args: Arguments,
  connected: ReadonlyMap<string, Host>,
  addresses: readonly string[],
): Promise<BroughtCas> {
  const fit = async (ca: FoundCa | undefined, file?: string, from?: string) => {
    if (ca === undefined) return undefined;
    const key = await keyOf(file, from, connected);
    const passphrase =
      key !== undefined && isEncryptedPem(key.secret)
        ? await passphraseFrom(args.passphraseFrom, key.source, 'open')
        : undefined;
    const source = `${ca.host}:${ca.path}`;
    const brought = {
      ...{ certificates: ca.pem, certificatesSource: source, passphrase },
      ...{ isTrusted: true, otherwise: WITHOUT_KEY },
    };
    return fitCa(
      { ...brought, key: key?.secret, keySource: key?.source },
      new Date(),
      key === undefined ? [] : addresses,
    );
  };
  return {
    client: await fit(cas.client, args.caKey, args.caKeyFrom),
    peer:
      cas.peerCa === 'separate'
        ? await fit(cas.peer, args.peerCaKey, args.peerCaKeyFrom)
        : undefined,
  };
}

/** Puts the CAs into a store. */
export async function putCas(store: string, { client, peer }: BroughtCas): Promise<void> {
  if (client === undefined) return;
  // That of the peers first: a store with the other alone is one whose peers share it.
  if (peer !== undefined) await putCa(authorityDirectory(store, 'peer'), peer);
  await putCa(store, client);
  await writeTrust(store);
}

/** Throws a Failure (refused) where a store has a CA already. */
export async function refuseFilledStore(store: string): Promise<void> {
  const { ca, peerCa } = await observeStore(store);
  if (ca === undefined && peerCa === undefined) return;
  throw new Failure('refused', `${store} has a CA already, and is left as it is`, {
    next: [remedy`move it away, or give the cluster another name by --cluster`],
  });
}

async function keyOf(
  file: string | undefined,
  from: string | undefined,
  connected: ReadonlyMap<string, Host>,
): Promise<{ readonly secret: Secret; readonly source: string } | undefined> {
  if (file !== undefined) return { secret: new Secret(await readInput(file)), source: file };
  if (from === undefined) return undefined;
  const [, address = '', path = ''] = /^(.+):(\/[^:]*)$/.exec(from) ?? [];
  const host = connected.get(address);
  if (host === undefined)
    throw new Failure('usage', `${from} is no HOST:PATH of a host that was looked at`, {
      next: [remedy`name one of ${[...connected.keys()].join(', ')}`],
    });
  const { stdout } = await must(host, `read ${path}`, sh`head -c 65536 -- ${path}`);
  return { secret: new Secret(stdout), source: from };
}
