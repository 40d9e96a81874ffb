import type { Inventory, Member } from '../inventory/schema.ts';
import type { Authority } from '../pki/ca/authority.ts';
import type { DesiredCa, DesiredCertificate } from '../pki/desired-certificate.ts';
import type { DistinguishedName } from '../pki/encoding/distinguished-name.ts';
import type { Usage } from '../pki/encoding/oids.ts';
import type { KeyKind } from '../pki/keys/keys.ts';
import { canonicalNames, whyBadName } from '../pki/names.ts';
import { clientCertificates } from './client-certificates.ts';
import { subjectOf } from './subject.ts';

/** A kind of certificate: who holds it, what it may be used for, whom it names. */
export interface CertificateRow {
  readonly name: string;
  readonly describe: string;
  readonly usages: readonly Usage[];
  /** One for each member, or one for the cluster. */
  readonly scope: 'member' | 'cluster';
  /** Without extension, in the store and on hosts. */
  readonly fileName: string;
  readonly commonName: (member: string) => string;
  /** Whether it carries the member's addresses. */
  readonly named: boolean;
  /** Whose CA signs it, where peers have one of their own. */
  readonly authority: Authority;
}

/** Every certificate of a cluster. Adding a row is all it takes for it to be issued, judged and listed. */
const CERTIFICATES: readonly CertificateRow[] = [
  {
    name: 'server',
    describe: 'what a member shows to clients',
    // clientAuth too: etcd's gRPC gateway dials its own listener with this certificate (etcd#9785).
    usages: ['serverAuth', 'clientAuth'],
    scope: 'member',
    fileName: 'server',
    commonName: (member) => member,
    named: true,
    authority: 'client',
  },
  {
    name: 'peer',
    describe: 'what a member shows to other members, as listener and as dialer',
    usages: ['serverAuth', 'clientAuth'],
    scope: 'member',
    fileName: 'peer',
    commonName: (member) => member,
    named: true,
    authority: 'peer',
  },
  {
    name: 'healthcheck-client',
    describe: 'what etcdctl on a member shows',
    usages: ['clientAuth'],
    scope: 'member',
    fileName: 'healthcheck-client',
    commonName: () => 'healthcheck-client',
    named: false,
    authority: 'client',
  },
  {
    name: 'admin',
    describe: 'what the operator shows; never leaves the store',
    usages: ['clientAuth'],
    scope: 'cluster',
    fileName: 'admin',
    commonName: () => 'admin',
    named: false,
    authority: 'client',
  },
];

/** Every certificate the inventory asks for, in the order of the table, clients last; none where the cluster speaks http. */
export function desiredCertificates(inventory: Inventory): readonly DesiredCertificate[] {
  if (inventory.protocol === 'http') return [];
  const own = CERTIFICATES.flatMap((row) =>
    row.scope === 'cluster'
      ? [desired(inventory, row)]
      : inventory.members.map((member) => desired(inventory, row, member)),
  );
  return [...own, ...clientCertificates(inventory)];
}

/** The CA the inventory asks for, should the store have none. */
export function desiredCa(inventory: Inventory): DesiredCa {
  return caNamed(inventory, '-ca');
}

/** The CA of the peers alone, undefined where they share the other. */
export function desiredPeerCa(inventory: Inventory): DesiredCa | undefined {
  return inventory.pki.peerCa === 'separate' ? caNamed(inventory, '-peer-ca') : undefined;
}

function caNamed(inventory: Inventory, end: string): DesiredCa {
  // RFC 5280 §A.1 ends common names at 64 characters, a cluster name at 63.
  const commonName = `${inventory.cluster.slice(0, 64 - end.length)}${end}`;
  return {
    subject: subjectOf(inventory, commonName),
    hours: inventory.pki.expiry.ca,
    key: inventory.pki.key,
  };
}

/** The names of a member's listeners: every address it may be reached at or dial from (etcd checks both, §1.3). */
function memberNames(inventory: Inventory, member: Member): readonly string[] {
  const listen = member.listen === undefined || isUnspecified(member.listen) ? [] : [member.listen];
  return canonicalNames([
    // A name that something else gave may be none that a certificate can carry; it is dialled by none.
    ...(whyBadName(member.name) === undefined ? [member.name] : []),
    member.address,
    ...member.addresses,
    ...listen,
    '127.0.0.1',
    '::1',
    'localhost',
    ...inventory.pki.sans,
  ]);
}

function desired(inventory: Inventory, row: CertificateRow, member?: Member): DesiredCertificate {
  return {
    id: member === undefined ? row.fileName : `${member.name}/${row.fileName}`,
    row: row.name,
    ...(member !== undefined && { member: member.name }),
    subject: subjectOf(inventory, row.commonName(member?.name ?? '')),
    names: row.named && member !== undefined ? memberNames(inventory, member) : [],
    usages: row.usages,
    hours: inventory.pki.expiry.leaf,
    key: inventory.pki.key,
    keyPlace: row.scope === 'member' ? inventory.pki.keys : 'store',
    authority: inventory.pki.peerCa === 'separate' ? row.authority : 'client',
  };
}

function isUnspecified(address: string): boolean {
  return canonicalNames([address])[0] === '0.0.0.0' || canonicalNames([address])[0] === '::';
}

/** What a certificate is like that is ordered by hand, as far as its order does not say. */
export interface CertificateDefaults {
  readonly subjectOf: (commonName: string) => DistinguishedName;
  readonly hours: number;
  readonly key: KeyKind;
  /** Whether a CA of its own signs what members are to accept from each other. */
  readonly hasPeerCa: boolean;
}

/** What the inventory says about certificates in general. */
export function certificateDefaults(inventory: Inventory): CertificateDefaults {
  const { pki } = inventory;
  return {
    subjectOf: (commonName) => subjectOf(inventory, commonName),
    ...{ hours: pki.expiry.leaf, key: pki.key, hasPeerCa: pki.peerCa === 'separate' },
  };
}
