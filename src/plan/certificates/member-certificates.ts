import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { heldKey } from '../../pki/keys/held-key.ts';
import type { InstallCertificates } from '../carried.ts';
import type { QuietStep } from '../step.ts';
import { octal, when } from '../step-words.ts';
import { probeStep } from './probe-step.ts';
import { trustFiles } from './trust.ts';

/** What is decided about a member's certificates beside what its host shows. */
export interface CertificateWish {
  /** Ids of those that are made by the same plan. */
  readonly reissued: ReadonlySet<string>;
  /** It is to trust the CA that signs alone, while others still trust the previous one too. */
  readonly trust?: 'signing' | undefined;
}

/** What brings a member the certificates, CAs and revocation list of the store, and proves that it shows them. */
export function certificateSteps(
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: ClusterFacts,
  { pki, unit }: MemberFacts,
  { reissued, trust: wanted }: CertificateWish,
): readonly QuietStep[] {
  const mine = cluster.certificates.filter((certificate) => certificate.member === member.name);
  if (mine.length === 0) return [];
  const owner = `${cluster.account}:${cluster.account}`;
  const stale = mine.flatMap((certificate): readonly string[] => {
    if (reissued.has(certificate.id)) return [`${certificate.row} is new`];
    const stored = facts.store.certificates.get(certificate.id);
    const keySha256 = stored && heldKey(certificate.keyPlace, stored)?.sha256;
    const crt = pki.files.get(`${certificate.row}.crt`);
    const key = pki.files.get(`${certificate.row}.key`);
    if (crt === undefined || key === undefined) return [`${certificate.row} is missing there`];
    if (crt.sha256 !== stored?.certificateSha256 || key.sha256 !== keySha256)
      return [`${certificate.row} is another one there`];
    if ((key.mode & 0o077) !== 0)
      return [`${certificate.row}.key has mode ${octal(key.mode)}: others can read it`];
    if (key.owner !== owner || (key.mode & 0o400) === 0)
      return [`${certificate.row}.key is ${octal(key.mode)} ${key.owner}: etcd cannot read it`];
    return [];
  });
  const trust = trustFiles(cluster, facts).flatMap(({ bundle, crl, sha256, crlSha256, called }) => {
    const trusted = pki.files.get(bundle)?.sha256;
    const isListed = pki.files.get(crl)?.sha256 === crlSha256;
    return [
      ...(sha256 === undefined || trusted === sha256
        ? []
        : [trusted === undefined ? `${called} is missing there` : 'other CAs are trusted there']),
      ...(isListed ? [] : ['the revocation list changed']),
    ];
  });
  const because = [...new Set([...trust, ...stale])].join(', ');
  // One that is taken over reads what somebody else gave it until it is restarted.
  const reads = unit.process?.environment.get('ETCD_CERT_FILE');
  const servesOurs = unit.active === 'active' && reads === `${cluster.paths.pki}/server.crt`;
  // Where it is to listen elsewhere it is restarted, and shows nobody anything there before.
  const isThere = listensAt(unit, member);
  return [
    ...when(because !== '', installCertificates(cluster, member.name, because, wanted)),
    ...(stale.length > 0 && servesOurs && isThere
      ? probeStep(
          cluster,
          member.name,
          'new-leaves-served',
          'old connections would hide a certificate that fails',
        )
      : []),
  ];
}

/** Whether a process listens where its listeners are dialled from now on. */
function listensAt(
  { process }: Pick<MemberFacts['unit'], 'process'>,
  { listener: { address, ports } }: Pick<DesiredMember, 'listener'>,
): boolean {
  const hosts = [address.includes(':') ? `[${address}]` : address, '0.0.0.0', '[::]'];
  const has = (variable: string, port: number) =>
    process?.environment
      .get(variable)
      ?.split(',')
      .some((url) => hosts.some((host) => url.endsWith(`://${host}:${port}`))) ?? false;
  return has('ETCD_LISTEN_CLIENT_URLS', ports.client) && has('ETCD_LISTEN_PEER_URLS', ports.peer);
}

/** Installs what the store has for a member when the step is done. */
export function installCertificates(
  { members, certificates, paths, account, peerCa }: DesiredCluster,
  name: string,
  because: string,
  trust?: 'signing',
): InstallCertificates & { readonly because: string } {
  return {
    ...{ kind: 'install-certificates', member: name, link: paths.pki, account },
    certificates: certificates
      .filter(({ member }) => member === name)
      .map(({ id, row, keyPlace }) => ({ id, row, keyPlace })),
    ...{
      keys: members.find((one) => one.name === name)?.keys.directory ?? '',
      hasPeerCa: peerCa !== undefined,
      ...(trust && { trust }),
      because,
    },
  };
}
