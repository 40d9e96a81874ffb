import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminOf } from '../../facts/etcd/ask-port.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { authorityDirectory } from '../../pki/ca/authority.ts';
import { formerCaDirectory, nextCaDirectory } from '../../pki/ca/ca-rotation.ts';
import { fillOrder } from '../../pki/issue/order.ts';
import { peerClientPair } from '../../pki/issue/peer-client-pair.ts';
import { privateKeyPem } from '../../pki/keys/key-files.ts';
import {
  type CertificatePair,
  hasCertificate,
  readCertificate,
  readPair,
} from '../../pki/store/store.ts';
import type { ProbedListener, ProbeLeaf, ProbeStep } from '../../plan/certificates/probe-step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { StepContext } from '../step-context.ts';
import { type ProbeResult, probe } from './probe.ts';

const TRIES = 4;
const PAUSE = 250;

type Proof<Kind extends ProbeStep['proof']> = Extract<ProbeStep, { readonly proof: Kind }>;
type Visitors = Pick<StepContext, 'store' | 'keyring' | 'now'>;

/** Proves by fresh handshakes what the step says of the listeners of a member. Throws a Failure otherwise. */
export function probeListeners(step: ProbeStep, host: Host, site: Visitors): Promise<void> {
  switch (step.proof) {
    case 'new-leaves-served':
      return probeServed(step, host, site);
    case 'next-ca-trusted':
      return probeNextTrusted(step, host, site);
    case 'former-ca-refused':
      return probeFormerRefused(step, host, site);
  }
}

/**
 * Opens a fresh handshake to both listeners of a member, from its own host, and compares what they show with the
 * certificate in the store: etcd reads leaves at each handshake, so a swap proves itself here, not in old connections.
 * Throws a Failure that names the listener and both serial numbers.
 */
async function probeServed(
  { member: name, listeners, hasKeysHere: own, unit, pki }: Proof<'new-leaves-served'>,
  host: Host,
  site: Visitors,
): Promise<void> {
  for (const listener of listeners) {
    const { port, row } = listener;
    const wanted = new X509Certificate(await readCertificate(site.store, `${name}/${row}`));
    // A key that its host keeps cannot be shown from here; any other that members trust opens the port too.
    const pair = await visitorOf(name, port, site, own);
    const { served, verdict, complaint } = await settled(
      () => dialled(name, listener, host, pair),
      (result) =>
        (result.verdict === 'accepted' || pair === undefined) &&
        result.served?.equals(wanted.raw) === true,
    );
    if (served === undefined || !served.equals(wanted.raw)) {
      const shown =
        served === undefined ? 'no certificate' : new X509Certificate(served).serialNumber;
      throw new Failure(
        'failed',
        `${name}: its ${port} port shows ${shown}, not the new ${wanted.serialNumber}`,
        {
          next: [remedy`look at ${pki} and at the journal of ${unit} there`],
        },
      );
    }
    if (verdict === 'refused' && pair !== undefined) {
      throw new Failure(
        'failed',
        `${name}: its ${port} port refuses ${own ? 'the certificate it shows itself' : 'a certificate of the CA it is to trust'}: ${complaint}`,
        { next: [remedy`see why: ${provision('certs', 'verify', INVENTORY)}`] },
      );
    }
  }
}

/** Proves that both listeners of a member accept leaves of the CA that will sign next. Throws a Failure otherwise. */
async function probeNextTrusted(
  { member: name, listeners, like, authority = 'client' }: Proof<'next-ca-trusted'>,
  host: Host,
  site: Visitors,
): Promise<void> {
  const next = nextCaDirectory(authorityDirectory(site.store, authority));
  const pair = await testLeaf(next, like, site);
  for (const listener of listeners) {
    const { port } = listener;
    const { verdict, complaint } = await settled(
      () => dialled(name, listener, host, pair),
      (result) => result.verdict === 'accepted',
    );
    if (verdict === 'accepted') continue;
    throw new Failure(
      'failed',
      `${name}: its ${port} port does not trust the new CA yet: ${complaint}`,
      {
        next: [
          remedy`etcd reads CA files only at its start: run the same command again, it restarts this member`,
        ],
      },
    );
  }
}

/**
 * Proves that no listener of a member accepts a leaf of the former CA, or no certificate at all, and its peer port none
 * that a client has. Throws a Failure otherwise.
 */
async function probeFormerRefused(
  { member: name, listeners, like, clients, authority = 'client' }: Proof<'former-ca-refused'>,
  host: Host,
  site: Visitors,
): Promise<void> {
  const former = await formerCaDirectory(authorityDirectory(site.store, authority));
  const strangers: readonly (readonly [string, CertificatePair | undefined])[] = [
    ['a connection without a certificate', undefined],
    ...(former === undefined
      ? []
      : [['a certificate of the former CA', await testLeaf(former, like, site)] as const]),
    ...(authority === 'peer' ? await clientPairs(clients, like, site) : []),
  ];
  for (const listener of listeners) {
    const { port } = listener;
    for (const [what, pair] of strangers) {
      const { verdict } = await dialled(name, listener, host, pair);
      if (verdict === 'refused') continue;
      throw new Failure('failed', `${name}: its ${port} port still accepts ${what}`, {
        next: [
          remedy`run the same command again; if it stays so, look at client-cert-auth in etcd.conf there`,
        ],
      });
    }
  }
}

/** What to show at a port of a member to be let in, if there is anything here that is. */
async function visitorOf(
  name: string,
  port: ProbedListener['port'],
  site: Visitors,
  own: boolean,
): Promise<CertificatePair | undefined> {
  if (port === 'client') return own ? readPair(site.store, `${name}/server`) : adminOf(site.store);
  const pair = await peerClientPair(site.store, name, (directory) => site.keyring.open(directory));
  return pair === 'nobody' ? undefined : pair;
}

/** A certificate of each kind that the CA of clients has signed, and one with the names and usages of a member. */
async function clientPairs(
  clients: readonly string[],
  like: ProbeLeaf,
  site: Visitors,
): Promise<readonly (readonly [string, CertificatePair])[]> {
  const held = await Promise.all(
    clients.map(async (id) => {
      // Whoever took a cluster over without the key of its CA may have none to show.
      return (await hasCertificate(site.store, id))
        ? [[`the certificate ${id}`, await readPair(site.store, id)] as const]
        : [];
    }),
  );
  return [...held.flat(), ...(await forgedPeer(like, site))];
}

/** A peer's certificate from the CA of clients; none where its key is not here. */
async function forgedPeer(
  like: ProbeLeaf,
  site: Visitors,
): Promise<readonly (readonly [string, CertificatePair])[]> {
  try {
    const pair = await testLeaf(site.store, like, site);
    return [["a member's certificate from the CA of clients", pair]];
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

async function dialled(
  name: string,
  { port, address, number }: ProbedListener,
  host: Host,
  pair: CertificatePair | undefined,
): Promise<ProbeResult> {
  const stream = await host.dial(address, number);
  return probe(`${name} ${port} port`, stream, pair);
}

/** A leaf with a member's names that lives for an hour and never leaves this process. */
async function testLeaf(
  caDirectory: string,
  like: ProbeLeaf,
  site: Visitors,
): Promise<CertificatePair> {
  const ca = await site.keyring.open(caDirectory);
  const order = { profile: 'peer', subject: like.subject, names: like.names, hours: 1 } as const;
  const { certificate, privateKey } = await fillOrder(order, like.key, ca, site.now);
  return { certificate, key: privateKeyPem(privateKey) };
}

/** The first result that is as wished, or the last of a few: a listener that has just started may need a moment. */
async function settled(
  ask: () => Promise<ProbeResult>,
  wished: (result: ProbeResult) => boolean,
): Promise<ProbeResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await ask();
    if (wished(result) || attempt === TRIES) return result;
    await sleep(PAUSE);
  }
}
