import { X509Certificate } from 'node:crypto';
import { isTrue } from '../../etcd/given-settings.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import { decode, hasTag, items } from '../../pki/encoding/der-read.ts';
import { CERTIFICATE_CHECKS } from '../../pki/verify/checks.ts';
import type { CertificateFact } from '../../pki/verify/inspect.ts';
import { whyCaUnfit } from '../../pki/verify/judge.ts';
import { groupedBy } from '../../problem/grouped.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { AdoptedCluster, AdoptedMember } from './adoption.ts';
import { asksClients } from './asks-clients.ts';
import { type FoundCas, facts } from './found-cas.ts';
import { nameOf } from './name-of.ts';
import { alike, note } from './note.ts';
import { signerIn } from './signed-by.ts';
import { partedUrl } from './urls.ts';

/** A certificate that a member shows. */
interface Shown {
  readonly member: string;
  readonly role: 'server' | 'peer';
  readonly path: string;
  readonly pem: string;
  readonly fact: CertificateFact;
  readonly addresses: readonly string[];
}

/** What of these a running etcd may take and a later one does not, or the other way round, is told as such. */
const TAKEN_BY_OLDER = new Set(['common name only', 'strength', 'key usages', 'encoding']);
/** What ends every new handshake, whatever the version. */
const REFUSED_NOW = new Set(['expired', 'not yet valid', 'chain']);
const UNASKED = new Set(['stray names', 'key', 'outlives its CA']);

/** What the running and the next etcd make of the certificates that members show and trust. */
export function certificateNotes(
  cluster: AdoptedCluster,
  cas: FoundCas,
  now: Date,
): readonly Problem[] {
  const shown = cluster.members.flatMap(shownBy);
  const judged = shown.flatMap((one) => judge(one, cas, now));
  return [
    ...alike([...judged, ...cluster.members.flatMap(ofSettings)]),
    ...sharing(shown),
    ...ofCas(cas, now),
  ];
}

function shownBy({ listed, found }: AdoptedMember): readonly Shown[] {
  const settings = found?.etcd.running?.settings ?? found?.etcd.filed?.settings;
  const roles = [
    ['server', 'cert-file', listed.clientUrls],
    ['peer', 'peer-cert-file', listed.peerUrls],
  ] as const;
  return roles.flatMap(([role, flag, urls]) => {
    const path = settings?.get(flag)?.value;
    const pem = path === undefined ? undefined : found?.etcd.look.certificates.get(path);
    const fact = pem === undefined ? undefined : facts(pem)[0];
    if (path === undefined || pem === undefined || fact === undefined) return [];
    const addresses = urls.flatMap((url) => partedUrl(url)?.host ?? []);
    return [{ member: nameOf({ listed }), role, path, pem, fact, addresses }];
  });
}

function judge(one: Shown, cas: FoundCas, now: Date): readonly Problem[] {
  const { member, role, path, pem, fact, addresses } = one;
  const ca = (role === 'peer' ? cas.peer : undefined) ?? cas.client;
  const trusted = ca === undefined ? [] : facts(ca.pem);
  const [first = fact] = trusted;
  const desired: DesiredCertificate = {
    ...{ id: `${member}/${role}`, row: role, member, subject: [], names: addresses },
    ...{ usages: ['serverAuth', 'clientAuth'], hours: 0, key: { algo: 'ecdsa', size: 256 } },
    ...{ keyPlace: 'host', authority: role === 'peer' ? 'peer' : 'client' },
  };
  const checked = {
    ...{ desired, fact, keyMatches: undefined, ca: first, now },
    signedByCa: ca === undefined || signerIn(pem, ca.pem) !== undefined,
  };
  const found = CERTIFICATE_CHECKS.filter(({ name }) => !UNASKED.has(name)).flatMap(
    ({ name, level, find }) => {
      const why = find(checked);
      if (why === undefined) return [];
      const isTaken = TAKEN_BY_OLDER.has(name);
      return [
        note(
          name,
          [member],
          `its ${role} certificate ${path} ${why}${isTaken ? '; the etcd that runs takes it, a later one may not' : ''}`,
          { severity: REFUSED_NOW.has(name) ? level : 'warn' },
        ),
      ];
    },
  );
  return isVersion1(pem)
    ? [
        ...found,
        note(
          'version 1',
          [member],
          `its ${role} certificate ${path} is of version 1: it names nothing and is limited to nothing`,
          { severity: 'warn' },
        ),
      ]
    : found;
}

/** What members have in common that each should have alone. */
function sharing(shown: readonly Shown[]): readonly Problem[] {
  const groups = groupedBy(shown, ({ fact }) => fact.publicKeySha256);
  return [...groups.values()].flatMap((group) => {
    const members = [...new Set(group.map(({ member }) => member))];
    if (members.length < 2) return [];
    const isOne = new Set(group.map(({ fact }) => fact.fingerprint256)).size === 1;
    return [
      note(
        'shared key',
        members,
        `${members.join(', ')} have one ${isOne ? 'certificate and key' : 'key in several certificates'} (${group[0]?.path}): who takes it from one host is every member`,
        {
          severity: 'warn',
          next: [
            remedy`up gives each member a key of its own where the key of the CA was brought; else ${provision('certs', 'rotate-ca', INVENTORY)} does, after up`,
          ],
        },
      ),
    ];
  });
}

function ofCas(cas: FoundCas, now: Date): readonly Problem[] {
  const both = cas.peerCa === 'separate' ? [cas.client, cas.peer] : [cas.client];
  return both.flatMap((ca) => {
    if (ca === undefined) return [];
    const all = facts(ca.pem);
    const unfit = all.flatMap((fact) => whyCaUnfit(fact, now) ?? []);
    return [
      ...unfit.map((why) =>
        note('CA', [], `${ca.path}: ${why}`, {
          severity: 'fail',
          next: [
            remedy`change to a CA of provision's own: adopt without the key of this one, and after up: ${provision('certs', 'rotate-ca', INVENTORY)}`,
          ],
        }),
      ),
      ...(all.length > 1
        ? [
            note(
              'several CAs',
              [],
              `${ca.path} holds ${all.length} certificates: members trust each of them`,
              { severity: 'warn' },
            ),
          ]
        : []),
    ];
  });
}

/** What members ask of whom they talk to. */
function ofSettings({ listed, found }: AdoptedMember): readonly Problem[] {
  const name = nameOf({ listed });
  const settings = found?.etcd.running?.settings ?? new Map();
  const value = (flag: string): string | undefined => settings.get(flag)?.value || undefined;
  const secured = (urls: readonly string[]) => urls.some((url) => url.startsWith('https:'));
  const say = (kind: string, sentence: string) => [
    note(kind, [name], sentence, { severity: 'warn' }),
  ];
  const isByItself = (flag: string, file: string) =>
    isTrue(value(flag)) && value(file) === undefined;
  return [
    ...(secured(listed.peerUrls) && isByItself('peer-auto-tls', 'peer-cert-file')
      ? say(
          'auto-tls',
          'has made its peer certificate itself (auto-tls): peers take anybody who speaks TLS for a member',
        )
      : []),
    ...(secured(listed.clientUrls) && isByItself('auto-tls', 'cert-file')
      ? say(
          'auto-tls',
          'has made its client certificate itself (auto-tls): clients cannot know whom they talk to',
        )
      : []),
    ...(secured(listed.peerUrls) &&
    value('peer-cert-file') !== undefined &&
    !isTrue(value('peer-client-cert-auth'))
      ? say(
          'peers not asked',
          'is not told to ask peers for certificates (peer-client-cert-auth); up has it ask',
        )
      : []),
    ...(secured(listed.clientUrls) && value('cert-file') !== undefined && !asksClients(found?.etcd)
      ? say(
          'clients not asked',
          'does not ask clients for certificates (client-cert-auth); the inventory leaves that so: clientCertificates: optional',
        )
      : []),
    ...['client-crl-file', 'peer-crl-file'].flatMap((flag) =>
      value(flag) === undefined
        ? []
        : say(
            'revocation list',
            `refuses what ${value(flag)} lists (${flag}); that list is not brought: revoke the same certificates again`,
          ),
    ),
  ];
}

/** Version 1 has no field of its version, nor extensions (RFC 5280 §4.1.2.1). */
function isVersion1(pem: string): boolean {
  const [body] = items(decode(new X509Certificate(pem).raw));
  return !items(body).some((field, at) => at === 0 && hasTag(field, 0));
}
