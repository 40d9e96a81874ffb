import type { TheirFile, TheirPair } from '../../facts/host/their-pairs.ts';
import type { InstallCertificates } from '../carried.ts';

/** What is done with certificates that lie where somebody else has put them. */
export type PairsStep =
  | {
      /** Writes pairs of the store over theirs, with mode and owner as they are, and keeps a copy of what was there. */
      readonly kind: 'install-pairs';
      readonly member: string;
      readonly copies: string;
      readonly pairs: readonly WrittenPair[];
    }
  | {
      /** Puts back what was there before. */
      readonly kind: 'restore-pairs';
      readonly copies: string;
      readonly paths: readonly string[];
    };

/** A pair of the store, and which files it goes into. */
export type WrittenPair = InstallCertificates['certificates'][number] & {
  readonly [Part in keyof TheirPair]: Pick<TheirFile, 'path' | 'mode' | 'owner'>;
};

/** The files that a step writes. */
export function pathsOf(pairs: readonly WrittenPair[]): readonly string[] {
  return pairs.flatMap(({ certificate, key }) => [certificate.path, key.path]);
}

/** Where copies of their certificates lie, for as long as they may be put back. */
export function copiesDirectory(unit: string): string {
  return `/var/lib/provision/pairs/${unit}`;
}

/** A step as a person reads it. */
export function describePairsStep(step: PairsStep): string {
  return step.kind === 'install-pairs'
    ? `write ${pathsOf(step.pairs).join(', ')}, with mode and owner as they are`
    : `put back ${step.paths.join(', ')} as they were before`;
}
