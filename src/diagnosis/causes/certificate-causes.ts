import { createHash } from 'node:crypto';
import type { Remedy } from '../../problem/remedy.ts';
import { cures } from '../cures.ts';
import { evidenceOf } from '../looks/evidence.ts';
import {
  type ExaminedCluster,
  type ExaminedMember,
  examinedMembers,
  peerPlace,
} from '../looks/examined.ts';
import type { Line } from '../looks/line.ts';
import { describeNames, isTrusted, type KeyFact, namesHost, type PemFact } from '../looks/trust.ts';
import type { Cause } from './cause.ts';

const SHOWS_TRUST =
  /signed by unknown authority|unknown certificate authority|bad certificate|certificate has expired|is valid for|IP SANs|key usage|find any PEM|does not match public key|permission denied|no such file/;

/** What is wrong with the files a member is set up with, as etcd will find it at its next handshake or start. */
export function fileCause(one: ExaminedMember, { desired }: ExaminedCluster): Cause | undefined {
  const { server, serverKey, peer, peerKey, trusted, peerTrusted } = one.certificates;
  const evidence = evidenceOf(one.start.lines, SHOWS_TRUST);
  const cause = (path: string, kind: string, why: string, isEmpty = false): Cause => ({
    kind,
    sentence: `${path} ${why}`,
    evidence,
    next: foreignFile(path, desired) ?? [
      /\/(peer-)?ca\.crt$/.test(path) && !isEmpty
        ? cures.byHand(
            `copy ${path.endsWith('/peer-ca.crt') ? 'peer-ca/' : ''}ca.crt of the PKI store to ${path} on that host, then restart ${desired.unit} there`,
          )
        : cures.up(one.member.name),
    ],
  });
  for (const file of [server, serverKey, peer, peerKey, trusted, peerTrusted])
    if (file?.trouble !== undefined)
      return cause(
        file.path,
        file.trouble.kind === 'no-access' ? 'file-rights' : 'file-no-pem',
        file.trouble.says,
        file.trouble.kind === 'empty',
      );
  for (const [certificate, key] of [
    [server, serverKey],
    [peer, peerKey],
  ] as const)
    if (areApart(certificate, key))
      return cause(
        certificate?.path ?? '',
        'file-pair',
        `does not belong to the key in ${key?.path}`,
      );
  return undefined;
}

/** What to do with a file that the inventory does not know of; nothing where `up` has written it. */
function foreignFile(
  path: string,
  { paths }: ExaminedCluster['desired'],
): readonly Remedy[] | undefined {
  if (path.startsWith(`${paths.pki}/`)) return undefined;
  return [cures.thenUp('correct that file, or the drop-in that names it, on that host')];
}

function areApart(certificate: PemFact | undefined, key: KeyFact | undefined): boolean {
  const [leaf] = certificate?.certificates ?? [];
  if (leaf === undefined || key?.publicKey === undefined) return false;
  const der = leaf.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex') !== key.publicKey;
}

/** A certificate that is over, or not valid yet, by the clock of its own host. */
export function expiredCause(
  { member, certificates, start }: ExaminedMember,
  { desired }: ExaminedCluster,
  lines: readonly Line[],
): Cause | undefined {
  for (const { path, certificates: found } of present(certificates)) {
    const now = start.now * 1000;
    const over = found.find((one) => Date.parse(one.validTo) < now);
    const early = found.find((one) => Date.parse(one.validFrom) > now);
    const one = over ?? early;
    if (one === undefined) continue;
    const when = new Date(over ? one.validTo : one.validFrom).toISOString();
    return {
      kind: 'file-expired',
      sentence: over ? `${path} has expired at ${when}` : `${path} is not valid before ${when}`,
      evidence: evidenceOf(lines, /has expired or is not yet valid/),
      next: foreignFile(path, desired) ?? [cures.up(member.name, 'renews certificates')],
    };
  }
  return undefined;
}

function present(files: ExaminedMember['certificates']): readonly PemFact[] {
  const all = [files.server, files.peer, files.trusted, files.peerTrusted];
  const seen = all.flatMap((one) => (one === undefined || one.trouble !== undefined ? [] : [one]));
  return seen.filter((one, index) => seen.findIndex(({ path }) => path === one.path) === index);
}

/** Why the others do not believe a member, or it them, by the files on all hosts. */
export function trustCause(
  one: ExaminedMember,
  cluster: ExaminedCluster,
  lines: readonly Line[],
): Cause | undefined {
  const { peer, peerTrusted } = one.certificates;
  const [leaf] = peer?.certificates ?? [];
  const others = examinedMembers(cluster).filter(({ member }) => member.name !== one.member.name);
  const place = peerPlace(one.member).address;
  if (leaf !== undefined && peer !== undefined) {
    const distrust = others.filter(
      ({ certificates: { peerTrusted: theirs } }) =>
        theirs !== undefined &&
        theirs.trouble === undefined &&
        !isTrusted(peer.certificates, theirs.certificates),
    );
    if (distrust.length > 0 && distrust.length * 2 > others.length)
      return {
        kind: 'wrong-ca',
        sentence: `${peer.path} was signed by a CA that ${listed(distrust)} ${distrust.length === 1 ? 'does' : 'do'} not trust (${issuerOf(leaf.issuer)})`,
        evidence: evidenceOf(lines, /signed by unknown authority|unknown certificate authority/),
        next: foreignFile(peer.path, cluster.desired) ?? [cures.onePki()],
      };
    if (!namesHost(leaf, place))
      return {
        kind: 'san',
        sentence: `${peer.path} is valid for ${describeNames(leaf)}, not for ${place}, where the others dial it`,
        evidence: evidenceOf(lines, /is valid for|IP SANs|does not match any of DNSNames/),
        next: foreignFile(peer.path, cluster.desired) ?? [
          cures.thenUp('add the address to addresses of that member in the inventory'),
        ],
      };
  }
  if (peerTrusted === undefined || peerTrusted.trouble !== undefined) return undefined;
  const distrusted = others.filter(
    ({ certificates: { peer: theirs } }) =>
      theirs !== undefined &&
      theirs.trouble === undefined &&
      !isTrusted(theirs.certificates, peerTrusted.certificates),
  );
  if (distrusted.length === 0 || distrusted.length * 2 <= others.length) return undefined;
  return {
    kind: 'wrong-ca',
    sentence: `${peerTrusted.path} does not hold the CA that signed the peer certificates of ${listed(distrusted)}`,
    evidence: evidenceOf(
      lines,
      /signed by unknown authority|unknown certificate authority|bad certificate/,
    ),
    next: foreignFile(peerTrusted.path, cluster.desired) ?? [cures.onePki()],
  };
}

function issuerOf(issuer: string): string {
  return issuer.replaceAll('\n', ', ');
}

function listed(some: readonly ExaminedMember[]): string {
  return some.map(({ member }) => member.name).join(', ');
}
