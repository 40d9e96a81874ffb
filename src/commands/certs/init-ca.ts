import { X509Certificate } from 'node:crypto';
import { basename } from 'node:path';
import { desiredCa, desiredCertificates, desiredPeerCa } from '../../desired/certificates.ts';
import { readIfThere } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import { authorityDirectory } from '../../pki/ca/authority.ts';
import { type BroughtCa, type FitCa, fitCa, putCa } from '../../pki/ca/bring-ca.ts';
import { writeTrust } from '../../pki/ca/ca-rotation.ts';
import { createCa } from '../../pki/ca/create-ca.ts';
import { namesFor } from '../../pki/desired-certificate.ts';
import { cfsslInitCa } from '../../pki/issue/cfssl.ts';
import { readCfsslRequest } from '../../pki/issue/cfssl-json.ts';
import { isEncryptedPem } from '../../pki/keys/key-files.ts';
import { pathsOf, readCaCertificate } from '../../pki/store/store.ts';
import { storeDirectory } from '../../pki/store/store-files.ts';
import { inspectCertificate } from '../../pki/verify/inspect.ts';
import { provision, remedy } from '../../problem/remedy.ts';
import { printNewCertificate } from '../../report/new-certificate.ts';
import { warn } from '../../report/warn.ts';
import { passphraseFrom } from '../../run/passphrase.ts';
import { Secret } from '../../shell/secret.ts';
import type { ArgumentsOf } from '../command.ts';
import { plainName, writeOutput } from './files.ts';
import type { certsInitCaOptions } from './options.ts';
import { readInput } from './read-input.ts';

type Arguments = ArgumentsOf<typeof certsInitCaOptions>;

/** Makes the CA of a store, brings one, or makes one from cfssl's JSON. */
export async function certsInitCa(args: Arguments): Promise<void> {
  const now = new Date();
  const { certificate, files } =
    args.inventory === undefined
      ? await fromCfssl(args, now)
      : await inStore(args.inventory, args, now);
  printNewCertificate(inspectCertificate(certificate), files, now, args.json);
}

async function fromCfssl({ request, out, name, overwrite }: Arguments, now: Date) {
  if (request === undefined) {
    throw new Failure('usage', 'init-ca needs an inventory, or --request ca-csr.json', {
      next: [remedy`${provision('certs', 'init-ca', 'inventory.yaml')}`],
    });
  }
  const made = await cfsslInitCa(
    readCfsslRequest(await readInput(request), request, warn),
    request,
    now,
  );
  const stem = plainName(name ?? basename(request).replace(/(-csr)?\.json$/, ''));
  const files = await writeOutput(
    out,
    [
      { name: `${stem}-key.pem`, content: made.key },
      { name: `${stem}.csr`, content: made.request },
      { name: `${stem}.pem`, content: made.certificate },
    ],
    overwrite,
  );
  return { certificate: made.certificate, files };
}

async function inStore(path: string, args: Arguments, now: Date) {
  const { inventory, directory } = await readInventory(path);
  const store = storeDirectory(inventory, directory);
  const wanted = desiredCertificates({ ...inventory, protocol: 'https' });
  const peer = authorityDirectory(store, 'peer');
  const own = await source(args.bring, args.bringKey, `${store}/ca.key`, args);
  const ofPeers =
    args.bringPeer === undefined
      ? { passphrase: own.passphrase }
      : await source(args.bringPeer, args.bringPeerKey, `${peer}/ca.key`, args, own.passphrase);
  const peerCa = desiredPeerCa(inventory);
  if (peerCa === undefined && args.bringPeer !== undefined) {
    throw new Failure('refused', `${store}: peers share the CA of clients here`, {
      next: [
        remedy`leave out --bring-peer, or set pki.peerCa: separate before the first certificate is issued`,
      ],
    });
  }
  // Judged before anything is written.
  const fit = own.brought && fitCa(own.brought, now, namesFor('client', wanted));
  const peerFit = ofPeers.brought && fitCa(ofPeers.brought, now, namesFor('peer', wanted));

  const clients = fit?.certificate ?? (await readIfThere(pathsOf(store, 'ca').certificate));
  if (peerFit !== undefined && clients !== undefined && isSameKey(peerFit.certificate, clients)) {
    throw new Failure(
      'refused',
      `${args.bringPeer}: has the key of the CA of clients, so every client could act as a member`,
      { next: [remedy`bring another CA for peers, or leave out --bring-peer, and one is made`] },
    );
  }

  // That of the peers first: a store with the other alone is one whose peers share it.
  const peerPaths = pathsOf(peer, 'ca');
  const isPeerNew =
    peerCa !== undefined && (await readIfThere(peerPaths.certificate)) === undefined;
  if (peerFit !== undefined) await putCa(peer, peerFit);
  else if (isPeerNew) await createCa(peer, peerCa, now, ofPeers.passphrase);
  const paths = pathsOf(store, 'ca');
  const isKept = isPeerNew && (await readIfThere(paths.certificate)) !== undefined;
  if (fit !== undefined) await putCa(store, fit);
  else if (!isKept) await createCa(store, desiredCa(inventory), now, own.passphrase);
  await writeTrust(store);
  const files = [
    ...(isKept ? [] : filesOf(paths, fit)),
    ...(isPeerNew ? filesOf(peerPaths, peerFit) : []),
  ];
  return { certificate: await readCaCertificate(isKept ? peer : store), files };
}

function isSameKey(one: string, other: string): boolean {
  const [mine, theirs] = [one, other].map((pem) =>
    new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }),
  );
  return mine !== undefined && theirs !== undefined && mine.equals(theirs);
}

/** What is to be brought, and the passphrase of the key that is brought or made. */
async function source(
  bring: string | undefined,
  bringKey: string | undefined,
  path: string,
  { encrypt, passphraseFrom: place }: Pick<Arguments, 'encrypt' | 'passphraseFrom'>,
  known?: Secret,
): Promise<{ readonly brought?: BroughtCa; readonly passphrase: Secret | undefined }> {
  if (bring === undefined) {
    return { passphrase: encrypt ? await passphraseFrom(place, path, 'choose') : undefined };
  }
  const key = bringKey === undefined ? undefined : new Secret(await readInput(bringKey));
  const isEncrypted = key !== undefined && isEncryptedPem(key);
  // All keys of a store are under one passphrase.
  const passphrase =
    key !== undefined && (isEncrypted || encrypt)
      ? (known ?? (await passphraseFrom(place, bringKey ?? '', isEncrypted ? 'open' : 'choose')))
      : undefined;
  const certificates = await readInput(bring);
  const brought = { certificates, certificatesSource: bring, key, keySource: bringKey, passphrase };
  return { brought, passphrase };
}

function filesOf(
  { certificate, key }: { readonly certificate: string; readonly key: string },
  brought: FitCa | undefined,
): readonly string[] {
  return brought !== undefined && brought.key === undefined ? [certificate] : [key, certificate];
}
