import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { Authority } from '../../pki/ca/authority.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { convergeWaves } from '../converge-waves.ts';
import { decide } from '../decision.ts';
import type { DatedRevocation, HereStep } from '../here-step.ts';
import { here } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Refusal } from '../plan.ts';
import { withoutTls } from '../refusing/beside-change.ts';
import { unnoticed } from '../unnoticed.ts';
import { clockRefusals } from './clocks.ts';
import { isSplitOff } from './trust.ts';

export interface RevocationOptions {
  /** With none the list is only renewed. */
  readonly revocations: readonly DatedRevocation[];
  /** Which CA has signed what is revoked, where that is known otherwise than by the store. */
  readonly signedBy?: Authority | undefined;
  /** How long the list calls itself current. */
  readonly hours: number;
  readonly allowDowntime: boolean;
}

/**
 * Decides a revocation: the next list in the store, then member by member the swap. etcd reads the list at each
 * handshake, so it counts at once; only the first list ever needs a restart, since its path is a setting.
 */
export function planRevocation(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { revocations, signedBy, hours, allowDowntime }: RevocationOptions,
): Plan {
  if (desired.ca === undefined) {
    const refusals = withoutTls(desired, facts, 'nobody is asked for a certificate');
    return refusedPlan(desired, refusals);
  }
  const refusals = [...inUse(desired, facts, revocations), ...clockRefusals(desired, facts)];
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const groups = byAuthority(desired, facts, revocations, signedBy);
  // What the lists will be is not known yet, but they will be others than any host has.
  const next = { sha256: 'the next list' };
  const expected = {
    ...facts,
    ...(groups.has('client') && { crl: next }),
    ...(groups.has('peer') && { peerCrl: next }),
  };
  const decision = decide(desired, expected, { allowDowntime });
  if (decision.refusals.length > 0) return refusedPlan(desired, decision.refusals);
  const because = revocations.length === 0 ? 'it is about to end' : 'it was asked for';
  const steps = [...groups].map((entry) => revokeStep(entry, hours, because));
  const { waves, ...notes } = convergeWaves(decision);
  const list = unnoticed('make the revocation list', [here(steps)]);
  return planOf(decision.desired, [...list, ...waves], notes);
}

function revokeStep(
  [authority, revocations]: readonly [Authority, readonly DatedRevocation[]],
  hours: number,
  because: string,
): HereStep {
  return {
    ...{ kind: 'revoke', revocations, hours, because },
    ...(authority === 'peer' && { authority }),
  };
}

/**
 * What goes on which list. A serial number that no certificate of the store has may be of either CA, so both lists name
 * it; renewed are those lists that are there, or the one of clients.
 */
function byAuthority(
  desired: DesiredCluster,
  { store, peerCrl }: ClusterFacts,
  revocations: readonly DatedRevocation[],
  signedBy: Authority | undefined,
): ReadonlyMap<Authority, readonly DatedRevocation[]> {
  if (desired.peerCa === undefined) return new Map([['client', revocations]]);
  if (revocations.length === 0) {
    return new Map([['client', []], ...(peerCrl === undefined ? [] : [['peer', []] as const])]);
  }
  // While peers are split off, one CA has signed for both.
  if (isSplitOff({ store }))
    return new Map([
      ['client', revocations],
      ['peer', revocations],
    ]);
  if (signedBy !== undefined) return new Map([[signedBy, revocations]]);
  const stored = [...store.certificates.values()];
  const issuerOf = ({ serial }: DatedRevocation) =>
    stored.find(({ fact }) => fact.serial.toLowerCase() === serial.toLowerCase())
      ?.issuerFingerprint256;
  const on = (authority: Authority, other: string | undefined) => {
    const mine = revocations.filter((one) => {
      const issuer = issuerOf(one);
      return issuer === undefined || issuer !== other;
    });
    return mine.length === 0 ? [] : [[authority, mine] as const];
  };
  return new Map([
    ...on('client', store.peerCa?.fact.fingerprint256),
    ...on('peer', store.ca?.fact.fingerprint256),
  ]);
}

/** The holder of a revoked certificate is shut out at once, a member from its own cluster. */
function inUse(
  { certificates }: DesiredCluster,
  { store }: ClusterFacts,
  revocations: readonly DatedRevocation[],
): readonly Refusal[] {
  const revoked = new Set(revocations.map(({ serial }) => serial.toLowerCase()));
  return certificates.flatMap(({ id, row, member, consumer }) => {
    const serial = store.certificates.get(id)?.fact.serial.toLowerCase();
    if (serial === undefined || !revoked.has(serial)) return [];
    const holder = member ?? consumer;
    const which = holder === undefined ? [] : ['--member', holder];
    return [
      {
        kind: 'certificate-in-use',
        about: [id],
        sentence: `${id}: is the certificate in use; revoked, ${holder ?? 'its holder'} would be shut out at once`,
        next: [
          remedy`have another one made first: ${provision('certs', 'rotate', INVENTORY, ...which, '--name', row)}; then: ${provision('certs', 'revoke', INVENTORY, '--serial', serial)}`,
        ],
      },
    ];
  });
}
