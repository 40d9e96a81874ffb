import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type Clock, certainSkew } from '../../facts/host/clock.ts';
import { describeSkew } from '../../facts/host/skew.ts';
import { seenConsumers } from '../../observed/consumers.ts';
import { seenMembers } from '../../observed/observed.ts';
import { remedy } from '../../problem/remedy.ts';
import { stepsOf } from '../lane.ts';
import type { Refusal, Wave } from '../plan.ts';

/** Seconds by which clocks may differ when certificates are issued: half of what they are dated back (pki/sign.ts). */
const MOST = 300;

interface Skew {
  readonly name: string;
  readonly clock: Clock;
  /** What keeps its time, where that is known. */
  readonly service: string | undefined;
}

/**
 * Why nothing may be issued: this machine dates certificates by its own clock, and hosts accept them by theirs. A host's
 * clock and this machine's may each be the wrong one; where all hosts agree it is this machine's.
 */
export function clockRefusals(
  desired: Pick<DesiredCluster, 'members' | 'consumers'>,
  facts: Pick<ClusterFacts, 'members' | 'consumers' | 'now'>,
): readonly Refusal[] {
  const skews: readonly Skew[] = [
    ...seenMembers(desired, facts).map(({ name, found: { clock, machine } }) => ({
      ...{ name, clock, service: machine.timeService },
    })),
    ...seenConsumers(desired, facts).map(({ name, found }) => ({
      ...{ name, clock: found.clock, service: undefined },
    })),
  ];
  const off = skews.filter(({ clock }) => Math.abs(certainSkew(clock)) > MOST);
  const [first] = off;
  if (first === undefined) return [];
  const spread = Math.max(...off.map(({ clock }) => Math.abs(clock.ahead - first.clock.ahead)));
  if (off.length === skews.length && skews.length > 1 && spread <= MOST) {
    return [
      {
        kind: 'own-clock',
        about: [],
        sentence: `this machine's clock (${facts.now.toISOString().slice(0, 19)}Z) is ${describeSkew(-first.clock.ahead)} the clocks of ${off.map(({ name }) => name).join(', ')}, which agree; certificates dated by it would be wrong there`,
        next: [remedy`set this machine's clock (timedatectl set-ntp true, or chronyc makestep)`],
      },
    ];
  }
  return off.map(({ name, clock, service }) => ({
    kind: 'clock',
    about: [name],
    sentence: `${name}: its clock is ${describeSkew(clock.ahead)} this machine's (${facts.now.toISOString().slice(0, 19)}Z)${keeper(service)}; certificates issued now would be judged by a wrong date`,
    next: [
      remedy`set the clock that is wrong (timedatectl set-ntp true, or chronyc makestep, on ${name} or here)`,
    ],
  }));
}

/** The same for waves, of which some may issue nothing. */
export function issuingRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  waves: readonly Wave[],
): readonly Refusal[] {
  const issues = waves.some(({ lanes }) => stepsOf(lanes).some(({ kind }) => ISSUING.has(kind)));
  return issues ? clockRefusals(desired, facts) : [];
}

const ISSUING: ReadonlySet<string> = new Set([
  'create-ca',
  'create-next-ca',
  'issue-certificate',
  'certify-host-key',
  'try-next-leaf',
  'revoke',
]);

function keeper(service: string | undefined): string {
  if (service === undefined) return '';
  return service === '' ? ', and no time service runs there' : `, although ${service} runs there`;
}
