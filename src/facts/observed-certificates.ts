import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { DesiredConsumer } from '../desired/consumers.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { type CertificateFact, inspectDer } from '../pki/verify/inspect.ts';
import { servedCertificate } from '../pki/verify/served.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { askAll } from './fact.ts';
import { certificateFact, pkiFact } from './host/file.ts';
import { isShared, isShown, type TheirPairs } from './host/their-pairs.ts';
import { gatherMember } from './member.ts';

const PUT_BACK = [remedy`see what up would put there: ${provision('plan', INVENTORY)}`];

/** A certificate of a member or consumer as it was found outside the store. */
export interface ObservedCertificate {
  /** The row of the certificate table. */
  readonly row: string;
  /** In the file on the host, or shown by a listener in a fresh handshake. */
  readonly place: 'file' | 'listener';
  /** What it says, or why it could not be seen. */
  readonly fact: CertificateFact | Failure;
  /** The key file beside it, without checksum where that is missing; a listener shows none. */
  readonly key?: { readonly sha256: string | undefined };
  /** It lies where somebody else has put it, beside what is ours; they may have made it too. */
  readonly isBesideOurs?: true;
}

const PORTS = [
  { port: 'client', row: 'server' },
  { port: 'peer', row: 'peer' },
] as const;

/** Every certificate of a member: the files on its host, and what its client and peer port show in fresh handshakes. */
export async function observeMemberCertificates(
  host: Host,
  cluster: DesiredCluster,
  member: DesiredMember,
  store: string,
): Promise<readonly ObservedCertificate[]> {
  const kept = cluster.keepsLayout
    ? (await gatherMember(host, cluster, member, store)).adopted
    : undefined;
  if (kept !== undefined) return observeKept(host, cluster, member, kept.pairs ?? new Map());
  const rows = cluster.certificates.filter((one) => one.member === member.name);
  const { pki: link } = cluster.paths;
  const [files, { pki }, ...listeners] = await Promise.all([
    askAll(
      host,
      Object.fromEntries(rows.map(({ row }) => [row, certificateFact(`${link}/${row}.crt`)])),
    ),
    askAll(host, { pki: pkiFact(link) }),
    ...PORTS.map(({ port, row }) => askListener(host, member, port, row)),
  ]);
  return [
    ...rows.map(({ row }) => ({
      row,
      place: 'file' as const,
      fact:
        files[row] ??
        new Failure('failed', `${member.name}: ${row}.crt is missing`, { next: PUT_BACK }),
      key: { sha256: pki.files.get(`${row}.key`)?.sha256 },
    })),
    ...listeners,
  ];
}

/** The same of a member whose layout is kept: what it shows lies in files of somebody else, and one may be shown at both ports. */
async function observeKept(
  host: Host,
  cluster: DesiredCluster,
  member: DesiredMember,
  pairs: TheirPairs,
): Promise<readonly ObservedCertificate[]> {
  const { pki } = cluster.paths;
  const beside = cluster.certificates.filter((one) => one.member === member.name && !isShown(one));
  const both = isShared(pairs);
  const shown = [...pairs].filter(([row]) => !(both && row === 'peer'));
  const [files, sums, ...listeners] = await Promise.all([
    askAll(
      host,
      Object.fromEntries([
        ...beside.map(({ row }) => [row, certificateFact(`${pki}/${row}.crt`)] as const),
        ...shown.map(([row, { certificate }]) => [row, certificateFact(certificate.path)] as const),
      ]),
    ),
    askAll(host, { pki: pkiFact(pki) }),
    ...PORTS.map(({ port, row }) => askListener(host, member, port, both ? 'server' : row)),
  ]);
  const inFile = (row: string, key: string | undefined) => ({
    ...{ row, place: 'file' as const, key: { sha256: key } },
    fact:
      files[row] ??
      new Failure('failed', `${member.name}: ${row}.crt is missing`, { next: PUT_BACK }),
  });
  return [
    ...beside.map(({ row }) => inFile(row, sums.pki.files.get(`${row}.key`)?.sha256)),
    ...shown.map(([row, { key }]) => ({ ...inFile(row, key.sha256), isBesideOurs: true as const })),
    ...listeners.map((one) => ({ ...one, isBesideOurs: true as const })),
  ];
}

/** The certificate in a consumer's file. */
export async function observeConsumerCertificates(
  host: Host,
  { name, certificate, directory }: DesiredConsumer,
): Promise<readonly ObservedCertificate[]> {
  const path = `${directory}/${certificate}.crt`;
  const { fact, pki } = await askAll(host, {
    fact: certificateFact(path),
    pki: pkiFact(directory),
  });
  const missing = new Failure('failed', `${name}: ${path} is missing`, { next: PUT_BACK });
  const key = { sha256: pki.files.get(`${certificate}.key`)?.sha256 };
  return [{ row: certificate, place: 'file', fact: fact ?? missing, key }];
}

async function askListener(
  host: Host,
  { name, listener }: DesiredMember,
  port: 'client' | 'peer',
  row: string,
): Promise<ObservedCertificate> {
  const where = `${name} ${port} port`;
  try {
    const stream = await host.dial(listener.address, listener.ports[port]);
    const der = await servedCertificate({ stream }, { name: where });
    return { row, place: 'listener', fact: inspectDer(der, where) };
  } catch (error) {
    if (error instanceof Failure) return { row, place: 'listener', fact: error };
    throw error;
  }
}
