import type { ClusterFacts } from '../../facts/cluster.ts';
import { commonName } from '../../pki/encoding/distinguished-name.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { problemLines } from '../../problem/render.ts';

/** A rotation of the CA that is under way, as everybody is told of it. */
export interface RotationState {
  /** `trust`: the CA that signs next is being made known; `both`: it signs, and both are trusted; `ends`: trust in the other ends. */
  readonly stage: 'trust' | 'both' | 'ends';
  /** Whether it goes back to the CA from before. */
  readonly back: boolean;
  /** Whether it can still go back there. */
  readonly mayReturn: boolean;
  /** Since when leaves come from the CA that signs, ISO 8601; undefined before that, and where nobody has noted it. */
  readonly since: string | undefined;
  /** The CA whose trust is to end. */
  readonly former: { readonly name: string; readonly serial: string; readonly ends: string };
  /** Who agreed to that. */
  readonly consent: { readonly at: string; readonly by: string } | undefined;
}

/** The rotation under way, or undefined. */
export function rotationState({
  store,
  rotation,
}: Pick<ClusterFacts, 'store' | 'rotation'>): RotationState | undefined {
  const { next, previous, record = {} } = rotation;
  const former = next === undefined ? previous : store.ca;
  if (former === undefined) return undefined;
  const { since, consent, back = false } = record;
  const { issuer, subject, serial, notAfter } = former.fact;
  return {
    stage: next !== undefined ? 'trust' : consent === undefined ? 'both' : 'ends',
    back,
    // A CA that signed before needs its key to sign again, which one that somebody else brought in may never have had here.
    mayReturn: !back && (next !== undefined || former.hasKey),
    since: next === undefined ? since : undefined,
    former: {
      name: commonName(subject) ?? commonName(issuer) ?? 'the CA',
      serial,
      ends: notAfter.toISOString(),
    },
    consent: next === undefined ? consent : undefined,
  };
}

/** Where a rotation stands and for how long, with what brings it on. */
export function rotationProblem(state: RotationState, now: Date): Problem {
  const { stage, back, mayReturn, since, former, consent } = state;
  const [signs, other] = back ? ['old', 'new'] : ['new', 'old'];
  const age = since === undefined ? '' : ` since ${since.slice(0, 16)}Z (${howLong(since, now)})`;
  const rotate = (...flags: readonly string[]) =>
    provision('certs', 'rotate-ca', INVENTORY, ...flags);
  const orBack = mayReturn ? [remedy`go back: ${rotate('--abort')}`] : [];
  const ends = `the ${other} CA (serial ${former.serial.slice(0, 8).toLowerCase()}) ends by itself on ${former.ends.slice(0, 10)}`;
  if (stage === 'trust')
    return {
      kind: 'rotation-unfinished',
      about: [],
      sentence: `CA rotation: unfinished, the ${signs} CA does not sign yet; ${ends}`,
      next: [remedy`go on: ${rotate()}`, ...orBack],
    };
  if (stage === 'both')
    return {
      kind: 'rotation-unfinished',
      about: [],
      sentence: `CA rotation: unfinished, both CAs are trusted and the ${signs} one signs${age}; ${ends}`,
      next: [
        remedy`see which clients have followed: ${rotate()}; when all have: ${rotate('--finish')}`,
        ...orBack,
      ],
    };
  return {
    kind: 'rotation-unfinished',
    about: [],
    sentence: `CA rotation: unfinished, trust in the ${other} CA is being ended, as ${consent?.by ?? 'somebody'} agreed at ${consent?.at.slice(0, 16) ?? '?'}Z; both CAs are known${age}`,
    next: [remedy`${rotate('--finish')}`, ...orBack],
  };
}

/** Two lines for people. */
export function describeRotation(
  state: RotationState,
  now: Date,
  inventory: string,
): readonly string[] {
  return problemLines(rotationProblem(state, now), { inventory });
}

/** A length of time in words, from a moment until now. */
function howLong(since: string, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
