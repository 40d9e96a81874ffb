import type { DesiredCluster } from '../desired/cluster.ts';
import type { Authority } from '../pki/ca/authority.ts';
import type { DesiredCa, DesiredCertificate } from '../pki/desired-certificate.ts';
import type { Revocation } from '../pki/encoding/crl.ts';
import type { Dialable } from './carried.ts';
import type { Concern } from './concern.ts';

/** The closed list of things done on this machine, nearly all to the PKI store. `apply/perform-here.ts` says how. */
export type HereStep = { readonly because: string } & (
  | { readonly kind: 'create-ca'; readonly authority?: Authority; readonly ca: DesiredCa }
  | { readonly kind: 'issue-certificate'; readonly certificate: DesiredCertificate }
  | {
      /** Of certificates whose keys are on their hosts now. */
      readonly kind: 'remove-store-keys';
      readonly certificates: readonly string[];
    }
  | { readonly kind: 'create-next-ca'; readonly authority?: Authority; readonly ca: DesiredCa }
  | {
      readonly kind: 'revoke';
      /** Of the CA for clients unless said. */
      readonly authority?: Authority;
      readonly revocations: readonly DatedRevocation[];
      /** How long the list calls itself current. */
      readonly hours: number;
    }
  | { readonly kind: 'promote-ca'; readonly authority?: Authority }
  | { readonly kind: 'retire-ca'; readonly authority?: Authority }
  | {
      /** Records in the store that the CA which was retired last has been seen to be refused. */
      readonly kind: 'record-proof';
      readonly authority?: Authority;
    }
  | {
      /** Records in the store who agreed that trust in the previous CA ends. */
      readonly kind: 'record-consent';
      readonly by: string;
    }
  | { readonly kind: 'withdraw-consent' }
  | { readonly kind: 'drop-next-ca' }
  | {
      /** Makes the previous CA the one that signs next. */
      readonly kind: 'turn-round-ca';
    }
  | {
      /** Removes certificates whose CA is not trusted any more and whose holders the inventory does not name. */
      readonly kind: 'remove-certificates';
      readonly certificates: readonly string[];
    }
  | {
      /** Waits, then fails when a client was seen at this client port and at no other. */
      readonly kind: 'watch-port';
      readonly port: number;
      readonly protocol: DesiredCluster['protocol'];
      /** The members, whose client port is the one that stays. */
      readonly members: readonly Dialable[];
      /** How long, in seconds. */
      readonly window: number;
      /** Clients that may be cut off. */
      readonly accepted: readonly string[];
    }
);

/** What a member that is away would have to know of a step on this machine. The compiler asks for each kind. */
export const HERE_CONCERNS: Readonly<Record<HereStep['kind'], Concern>> = {
  'create-ca': 'trust',
  'issue-certificate': 'nothing',
  'remove-store-keys': 'nothing',
  'create-next-ca': 'trust',
  revoke: 'trust',
  'promote-ca': 'trust',
  'retire-ca': 'trust',
  'record-proof': 'trust',
  'record-consent': 'trust',
  'withdraw-consent': 'trust',
  'drop-next-ca': 'trust',
  'turn-round-ca': 'trust',
  'remove-certificates': 'trust',
  'watch-port': 'nothing',
};

/** A line of a revocation list. */
export type DatedRevocation = Omit<Revocation, 'date'> & {
  /** ISO 8601. */
  readonly date: string;
};
