import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { Revocation } from '../pki/crl.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { clockRefusals } from './clocks.ts';
import { planCluster } from './cluster.ts';
import { HERE, type Plan, type Refusal } from './plan.ts';

export interface RevocationWishes {
  /** With none the list is only renewed. */
  readonly revocations: readonly Revocation[];
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
  { revocations, hours, allowDowntime }: RevocationWishes,
): Plan {
  if (desired.ca === undefined) {
    const sentence = `${desired.name}: speaks http, where nobody is asked for a certificate`;
    const next = [
      remedy`switch to https first: ${provision('migrate', INVENTORY, '--to', 'https')}`,
    ];
    return { cluster: desired.name, waves: [], refusals: [{ sentence, next }] };
  }
  const refusals = [...inUse(desired, facts, revocations), ...clockRefusals(desired, facts)];
  if (refusals.length > 0) return { cluster: desired.name, waves: [], refusals };
  // What the list will be is not known yet, but it will be another one than any host has.
  const expected = { ...facts, crl: { sha256: 'the next list' } };
  const plan = planCluster(desired, expected, { freshToken: '', wipe: false, allowDowntime });
  if (plan.refusals.length > 0) return plan;
  const because = revocations.length === 0 ? 'it is about to end' : 'it was asked for';
  const steps = [{ kind: 'revoke', revocations, hours, because } as const];
  return {
    ...plan,
    waves: [
      { title: 'make the revocation list', lanes: [{ host: HERE, steps }], gate: [], undo: [] },
      ...plan.waves,
    ],
  };
}

/** Whoever shows a revoked certificate is shut out at once, a member from its own cluster. */
function inUse(
  { certificates }: DesiredCluster,
  { store }: ClusterFacts,
  revocations: readonly Revocation[],
): readonly Refusal[] {
  const revoked = new Set(revocations.map(({ serial }) => serial.toLowerCase()));
  return certificates.flatMap(({ id, row, member, consumer }) => {
    const serial = store.certificates.get(id)?.fact.serial.toLowerCase();
    if (serial === undefined || !revoked.has(serial)) return [];
    const holder = member ?? consumer;
    const which = holder === undefined ? [] : ['--member', holder];
    return [
      {
        sentence: `${id}: is the certificate in use; revoked, ${holder ?? 'whoever shows it'} would be shut out at once`,
        next: [
          remedy`have another one made first: ${provision('certs', 'rotate', INVENTORY, ...which, '--name', row)}; then: ${provision('certs', 'revoke', INVENTORY, '--serial', serial)}`,
        ],
      },
    ];
  });
}
