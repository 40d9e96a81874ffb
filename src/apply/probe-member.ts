import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { formerCaDirectory, nextCaDirectory } from '../pki/ca-rotation.ts';
import { privateKeyPem } from '../pki/key-files.ts';
import { fillOrder } from '../pki/order.ts';
import { type CertificatePair, readCertificate, readPair } from '../pki/store.ts';
import { type ProbeResult, probe } from './probe.ts';
import { memberOf, type Site } from './site.ts';

const TRIES = 4;
const PAUSE = 250;

/** The two TLS listeners of a member, and the row of the certificate each shows. */
const LISTENERS = [
  { port: 'client', row: 'server' },
  { port: 'peer', row: 'peer' },
] as const;

/**
 * Opens a fresh handshake to both listeners of a member, from its own host, and compares what they show with the
 * certificate in the store: etcd reads leaves at each handshake, so a swap proves itself here, not in old connections.
 * Throws a Failure that names the listener and both serial numbers.
 */
export async function probeServed(name: string, host: Host, site: Site): Promise<void> {
  for (const { port, row } of LISTENERS) {
    const wanted = new X509Certificate(await readCertificate(site.store, `${name}/${row}`));
    // A key that its host keeps cannot be shown from here; any other that members trust opens the door too.
    const own = memberOf(site, name).keys.place === 'store';
    const pair = await readPair(site.store, own ? `${name}/${row}` : 'admin');
    const { served, verdict, complaint } = await settled(
      () => dialled(name, port, host, site, pair),
      (result) => result.verdict === 'accepted' && result.served?.equals(wanted.raw) === true,
    );
    if (served === undefined || !served.equals(wanted.raw)) {
      const shown =
        served === undefined ? 'no certificate' : new X509Certificate(served).serialNumber;
      throw new Failure(
        'failed',
        `${name}: its ${port} port shows ${shown}, not the new ${wanted.serialNumber}`,
        {
          next: `look at ${site.desired.paths.pki} and at the journal of ${site.desired.unit} there`,
        },
      );
    }
    if (verdict === 'refused') {
      throw new Failure(
        'failed',
        `${name}: its ${port} port refuses the certificate ${own ? 'it shows itself' : 'of the admin'}: ${complaint}`,
      );
    }
  }
}

/** Proves that both listeners of a member accept leaves of the CA that will sign next. Throws a Failure otherwise. */
export async function probeNextTrusted(name: string, host: Host, site: Site): Promise<void> {
  const pair = await testLeaf(nextCaDirectory(site.store), name, site);
  for (const { port } of LISTENERS) {
    const { verdict, complaint } = await settled(
      () => dialled(name, port, host, site, pair),
      (result) => result.verdict === 'accepted',
    );
    if (verdict === 'accepted') continue;
    throw new Failure(
      'failed',
      `${name}: its ${port} port does not trust the new CA yet: ${complaint}`,
      {
        next: 'etcd reads CA files only at its start: run the same command again, it restarts this member',
      },
    );
  }
}

/** Proves that no listener of a member accepts a leaf of the former CA, or no certificate at all. Throws a Failure otherwise. */
export async function probeFormerRefused(name: string, host: Host, site: Site): Promise<void> {
  const former = await formerCaDirectory(site.store);
  const strangers: readonly (readonly [string, CertificatePair | undefined])[] = [
    ['a connection without a certificate', undefined],
    ...(former === undefined
      ? []
      : [['a certificate of the former CA', await testLeaf(former, name, site)] as const]),
  ];
  for (const { port } of LISTENERS) {
    for (const [what, pair] of strangers) {
      const { verdict } = await dialled(name, port, host, site, pair);
      if (verdict === 'refused') continue;
      throw new Failure('failed', `${name}: its ${port} port still accepts ${what}`, {
        next: 'run the same command again; if it stays so, look at client-cert-auth in etcd.conf there',
      });
    }
  }
}

async function dialled(
  name: string,
  port: (typeof LISTENERS)[number]['port'],
  host: Host,
  site: Site,
  pair: CertificatePair | undefined,
): Promise<ProbeResult> {
  const { address, ports } = memberOf(site, name).listener;
  const stream = await host.dial(address, port === 'client' ? ports.client : ports.peer);
  return probe(`${name} ${port} port`, stream, pair);
}

/** A leaf with a member's names that lives for an hour and never leaves this process. */
async function testLeaf(caDirectory: string, name: string, site: Site): Promise<CertificatePair> {
  const like = site.desired.certificates.find(({ id }) => id === `${name}/peer`);
  if (like === undefined) throw new TypeError(`no peer certificate for ${name}`);
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
