import { Failure } from '../../failure/failure.ts';
import { hasPeerCa, signerDirectory } from '../ca/peer-ca.ts';
import { unlockCa } from '../ca/unlock-ca.ts';
import { privateKeyPem } from '../keys/key-files.ts';
import { type CertificatePair, readPair } from '../store/store.ts';
import { fillOrder } from './order.ts';
import type { SigningCa } from './sign.ts';

/**
 * What to show at a member's peer port to be answered: the admin's pair where peers and clients trust the same CA, else
 * the member's own, or, where its host keeps that key, a leaf that lives for an hour and never leaves this process.
 * `nobody` where nothing here is accepted there, as in a store without the key of its CA; undefined where it has no pairs
 * at all, as for http.
 */
export async function peerClientPair(
  store: string,
  member: string,
  open: (directory: string) => Promise<SigningCa> = (directory) => unlockCa(directory, new Date()),
): Promise<CertificatePair | 'nobody' | undefined> {
  if (!(await hasPeerCa(store))) return ifThere(readPair(store, 'admin'));
  return (
    (await ifThere(readPair(store, `${member}/peer`))) ??
    (await ifThere(peerLeaf(await signerDirectory(store, 'peer'), member, open))) ??
    'nobody'
  );
}

async function peerLeaf(
  directory: string,
  member: string,
  open: (directory: string) => Promise<SigningCa>,
): Promise<CertificatePair> {
  const subject = [{ type: 'CN', value: member }];
  // Without names: etcd compares those of a peer with the address that it dials from.
  const order = { profile: 'client', subject, names: [], hours: 1 } as const;
  const kind = { algo: 'ecdsa', size: 256 } as const;
  const { certificate, privateKey } = await fillOrder(
    order,
    kind,
    await open(directory),
    new Date(),
  );
  return { certificate, key: privateKeyPem(privateKey) };
}

async function ifThere(pair: Promise<CertificatePair>): Promise<CertificatePair | undefined> {
  try {
    return await pair;
  } catch (error) {
    // No such pair, or no key to sign one with.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
