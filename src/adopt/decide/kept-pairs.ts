import type { Problem } from '../../problem/problem.ts';
import { provision, remedy } from '../../problem/remedy.ts';
import type { AdoptedCluster, AdoptedMember, Found } from './adoption.ts';
import { type FoundCa, type FoundCas, facts } from './found-cas.ts';
import { nameOf } from './name-of.ts';
import { note } from './note.ts';
import { hasIssuedIn, signerIn } from './signed-by.ts';
import { partedUrl } from './urls.ts';

/** A certificate of a member that stays in use, and where its key lies on its host. */
export interface KeptPair {
  readonly member: string;
  /** As it was dialled. */
  readonly host: string;
  readonly row: 'server' | 'peer' | 'healthcheck-client';
  readonly pem: string;
  readonly key: string;
}

/** The certificates that members keep, or why they cannot keep all that they need. */
export interface Keeping {
  readonly pairs: readonly KeptPair[];
  readonly problems: readonly Problem[];
}

/**
 * What members go on with where nobody can sign others for them: what they show to clients and to peers, and what etcdctl on
 * their hosts shows, which is one of these that their own client port takes.
 */
export function keptPairs(
  { members }: AdoptedCluster,
  cas: FoundCas,
  again: readonly string[],
  now: Date,
): Keeping {
  const all = members.map((member) => keptBy(member, cas, now));
  const why = all.flatMap((one) => (typeof one === 'string' ? [one] : []));
  if (why.length === 0)
    return { pairs: all.flatMap((one) => (typeof one === 'string' ? [] : one)), problems: [] };
  return {
    pairs: [],
    problems: [
      note(
        'certificates not kept',
        [],
        `members cannot go on with the certificates that they have, and up refuses as long as others cannot be signed: ${why.join('; ')}`,
        {
          severity: 'fail',
          next: [
            remedy`bring the key of the CA: ${provision('adopt', ...again, '--ca-key', 'FILE')}`,
          ],
        },
      ),
    ],
  };
}

type Row = Omit<KeptPair, 'member' | 'host'>;

/** A sentence where something is missing. */
function keptBy(member: AdoptedMember, cas: FoundCas, now: Date): readonly KeptPair[] | string {
  const name = nameOf(member);
  const { found, listed } = member;
  const { client, peer: peers = client } = cas;
  if (found === undefined) return `the host of ${name} was not seen`;
  if (client === undefined || peers === undefined) return `${name} trusts no CA`;
  const server = pairOf(found, 'server', 'cert-file', 'key-file');
  const peer = pairOf(found, 'peer', 'peer-cert-file', 'peer-key-file');
  const own = pairOf(found, 'healthcheck-client', 'client-cert-file', 'client-key-file');
  if (server === undefined || peer === undefined)
    return `${name} has no certificate of its own for ${server === undefined ? 'clients' : 'peers'}`;
  const unfit = whyUnfit(server, client, now) ?? whyUnfit(peer, peers, now);
  if (unfit !== undefined) return `${name}: ${unfit}`;
  if (!isNamed(server, listed.clientUrls))
    return `${name}: ${server.path} names none of its addresses, so nobody can verify it`;
  const shown = [own, peer, server].find(
    (one) => one !== undefined && whyUnfit(one, client, now) === undefined && isForClients(one),
  );
  if (shown === undefined) return `${name} has no certificate that its own client port takes`;
  const rows: readonly Row[] = [server, peer, { ...shown, row: 'healthcheck-client' }];
  return rows.map(({ row, pem, key }) => ({ member: name, host: found.host, row, pem, key }));
}

interface FoundPair extends Row {
  readonly path: string;
}

function pairOf(
  { etcd }: Found,
  row: Row['row'],
  certificate: string,
  key: string,
): FoundPair | undefined {
  const settings = etcd.running?.settings ?? etcd.filed?.settings;
  const [path = '', keyPath = ''] = [certificate, key].map((flag) => settings?.get(flag)?.value);
  const pem = etcd.look.certificates.get(path);
  // One file may hold both.
  const isThere = etcd.look.keys.has(keyPath);
  return pem === undefined || !isThere ? undefined : { row, path, pem, key: keyPath };
}

function whyUnfit({ path, pem }: FoundPair, ca: FoundCa, now: Date): string | undefined {
  const [fact] = facts(pem);
  if (fact === undefined) return `${path} cannot be read`;
  if (now > fact.notAfter) return `${path} has expired`;
  const signer = signerIn(pem, ca.pem);
  if (facts(pem).length > 1) return `${path} holds a chain`;
  // Hosts are given the lowest of a chain alone.
  return signer === undefined || hasIssuedIn(signer, ca.pem)
    ? `${path} is not signed by the CA in ${ca.path} itself`
    : undefined;
}

function isNamed({ pem }: FoundPair, urls: readonly string[]): boolean {
  const names = facts(pem).flatMap((fact) => fact.names);
  return urls.some((url) => {
    const { host } = partedUrl(url) ?? {};
    return host !== undefined && names.includes(host);
  });
}

function isForClients({ pem }: FoundPair): boolean {
  const [{ usages } = { usages: [] }] = facts(pem);
  return (
    usages.length === 0 || usages.some((one) => /^(clientAuth|anyExtendedKeyUsage)$/.test(one))
  );
}
