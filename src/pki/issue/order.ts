import type { KeyObject } from 'node:crypto';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { inspectRequest } from '../encoding/csr.ts';
import { type DistinguishedName, describeName } from '../encoding/distinguished-name.ts';
import type { Usage } from '../encoding/oids.ts';
import { generateKey, type KeyKind, kindOf } from '../keys/keys.ts';
import { whyWeakKey } from '../verify/weak-crypto.ts';
import { leafKeyUsages, type SigningCa, signLeaf } from './sign.ts';

/** What a certificate may be used for, by the names operators know from cfssl. */
export const PROFILES = {
  client: ['clientAuth'],
  server: ['serverAuth'],
  peer: ['serverAuth', 'clientAuth'],
} as const satisfies Readonly<Record<string, readonly Usage[]>>;

export type Profile = keyof typeof PROFILES;

/** A certificate for anything that talks to etcd. */
export interface Order {
  readonly profile: Profile;
  readonly subject: DistinguishedName;
  /** None for clients such as kubectl, calico and kube-proxy. */
  readonly names: readonly string[];
  readonly hours: number;
}

/** A new key and its certificate; throws a Failure when the order makes no sense. */
export async function fillOrder(
  order: Order,
  kind: KeyKind,
  ca: SigningCa,
  now: Date,
): Promise<{ readonly certificate: string; readonly privateKey: KeyObject }> {
  const { privateKey, publicKey } = await generateKey(kind);
  return { certificate: await certify(order, publicKey, ca, now), privateKey };
}

/**
 * The certificate for a key that somebody else holds. Subject and names are those of the request unless the order has
 * its own; what it may be used for is the order's alone. Throws a Failure for a request that is forged, weak or wants
 * to be a CA.
 */
export async function fillRequest(
  text: string,
  source: string,
  order: Order,
  ca: SigningCa,
  now: Date,
): Promise<string> {
  const { fact, publicKey } = inspectRequest(text, source);
  if (fact.wantsCa) {
    throw new Failure('refused', `${source}: asks to be a CA`, {
      next: [remedy`have it made without basicConstraints CA:TRUE`],
    });
  }
  const weak = whyWeakKey(fact.key);
  if (weak !== undefined)
    throw new Failure('refused', `${source}: ${weak}`, {
      next: [remedy`have the request made with another key, such as ECDSA P-256`],
    });
  const merged = {
    ...order,
    subject: order.subject.length > 0 ? order.subject : fact.subject,
    names: order.names.length > 0 ? order.names : fact.names,
  };
  return certify(merged, publicKey, ca, now);
}

async function certify(
  order: Order,
  publicKey: KeyObject,
  ca: SigningCa,
  now: Date,
): Promise<string> {
  if (order.profile !== 'client' && order.names.length === 0) {
    const holder = describeName(order.subject) || 'the certificate';
    throw new Failure(
      'usage',
      `${holder}: a ${order.profile} certificate without a name is refused by every client`,
      {
        next: [remedy`add --host with each address and name it is reached at`],
      },
    );
  }
  const draft = {
    subject: order.subject,
    names: order.names,
    usages: PROFILES[order.profile],
    keyUsages: leafKeyUsages(kindOf(publicKey)),
    publicKey,
    hours: order.hours,
  };
  return signLeaf(draft, ca, now);
}
