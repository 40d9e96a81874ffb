import { basename } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { readInventory } from '../inventory/read.ts';
import { bringCa } from '../pki/bring-ca.ts';
import { writeTrust } from '../pki/ca-rotation.ts';
import { desiredCa } from '../pki/certificates.ts';
import { cfsslInitCa } from '../pki/cfssl.ts';
import { readCfsslRequest } from '../pki/cfssl-json.ts';
import { createCa } from '../pki/create-ca.ts';
import { describeCertificate } from '../pki/describe.ts';
import { inspectCertificate } from '../pki/inspect.ts';
import { isEncryptedPem } from '../pki/key-files.ts';
import { pathsOf, readCaCertificate } from '../pki/store.ts';
import { storeDirectory } from '../pki/store-files.ts';
import { Secret } from '../shell/secret.ts';
import { plainName, writeOutput } from './certs-files.ts';
import type { certsInitCaOptions } from './certs-options.ts';
import type { ArgumentsOf } from './command.ts';
import { passphraseFrom } from './passphrase.ts';
import { readInput } from './read-input.ts';
import { warn } from './warn.ts';

type Arguments = ArgumentsOf<typeof certsInitCaOptions>;

/** Makes the CA of a store, brings one, or makes one from cfssl's JSON. */
export async function certsInitCa(args: Arguments): Promise<void> {
  const now = new Date();
  const { certificate, files } =
    args.inventory === undefined
      ? await fromCfssl(args, now)
      : await inStore(args.inventory, args, now);
  const fact = inspectCertificate(certificate);
  if (args.json) {
    console.log(JSON.stringify({ files, certificate: fact }, undefined, 2));
    return;
  }
  console.log(describeCertificate(fact, now));
  for (const file of files) console.log(`wrote ${file}`);
}

async function fromCfssl({ request, out, name, overwrite }: Arguments, now: Date) {
  if (request === undefined) {
    throw new Failure('usage', 'init-ca needs an inventory, or --request ca-csr.json', {
      next: 'provision certs init-ca inventory.yaml',
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
  if (args.bring === undefined) {
    const passphrase = args.encrypt
      ? await passphraseFrom(args.passphraseFrom, `${store}/ca.key`, 'choose')
      : undefined;
    await createCa(store, desiredCa(inventory), now, passphrase);
  } else {
    const key =
      args.bringKey === undefined ? undefined : new Secret(await readInput(args.bringKey));
    const isEncrypted = key !== undefined && isEncryptedPem(key);
    const passphrase =
      key !== undefined && (isEncrypted || args.encrypt)
        ? await passphraseFrom(
            args.passphraseFrom,
            args.bringKey ?? '',
            isEncrypted ? 'open' : 'choose',
          )
        : undefined;
    const certificates = await readInput(args.bring);
    const brought = { certificates, certificatesSource: args.bring, key, passphrase };
    await bringCa(store, { ...brought, keySource: args.bringKey }, now);
  }
  await writeTrust(store);
  const { certificate, key } = pathsOf(store, 'ca');
  const files =
    args.bring !== undefined && args.bringKey === undefined ? [certificate] : [key, certificate];
  return { certificate: await readCaCertificate(store), files };
}
