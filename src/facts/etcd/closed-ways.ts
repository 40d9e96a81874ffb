import type { Dial } from './dial-peers.ts';

/** A way between two members that is closed, or leads to somebody else. */
export interface ClosedWay {
  readonly from: string;
  readonly to: string;
  readonly sentence: string;
}

/** The ways from and to this member that are closed, by how each host's dials went. */
export function closedWays(
  name: string,
  dials: ReadonlyMap<string, readonly Dial[]>,
): readonly ClosedWay[] {
  return [...dials].flatMap(([from, ways]) =>
    ways
      .filter(({ to }) => from === name || to === name)
      .flatMap(({ to, address, outcome, isRight, complaint }) => {
        const sentence =
          outcome !== 'reached'
            ? `${from} does not reach ${to} at ${address} (${complaint})`
            : `from ${from}, somebody else than ${to} answers at ${address}`;
        return outcome === 'reached' && isRight ? [] : [{ from, to, sentence }];
      }),
  );
}
