import type { FormerNote } from '../facts/data/former.ts';

/** Files of somebody else on a host, and where they are kept. */
export interface FormerFiles {
  readonly unit: string;
  readonly directory: string;
  /** Files that ours come in the place of, and drop-ins that go: whether there are such files or not. */
  readonly paths: readonly string[];
}

/** What is done with files of a cluster that is taken over from somebody else. */
export type FormerStep =
  | {
      /** Keeps them, before they are written over or taken away; a file of ours is none of them. */
      readonly kind: 'keep-former';
      readonly former: FormerFiles;
      /** Whether it runs by them now: else what was noted before stays. */
      readonly isRunning: boolean;
      /** How the member runs; its program is summed up on the host. */
      readonly note: Omit<FormerNote, 'sha256'>;
    }
  | {
      /** Writes a drop-in of ours beside a unit of somebody else, and has systemd read it; nobody is restarted. */
      readonly kind: 'guard-unit';
      readonly unit: string;
      readonly path: string;
      readonly content: string;
    }
  | {
      /** Takes it away again. */
      readonly kind: 'unguard-unit';
      readonly path: string;
    }
  | {
      /** Puts them back where they were, with mode and owner; what was not there goes. */
      readonly kind: 'put-former-back';
      readonly former: FormerFiles;
      /** Files that a hand has changed since: a copy of each stays beside it. */
      readonly edited: readonly string[];
    };

/** What the copy of a changed file is called. */
export function editedCopy(path: string): string {
  return `${path}.edited`;
}

/** A step as a person reads it. */
export function describeFormerStep(step: FormerStep): string {
  if (step.kind === 'guard-unit') return `write ${step.path}, and have systemd read it`;
  if (step.kind === 'unguard-unit') return `remove ${step.path}, and have systemd read that`;
  const { paths, directory } = step.former;
  if (step.kind === 'keep-former')
    return `keep what is there of ${paths.join(', ')} in ${directory}`;
  const copies = step.edited.map((path) => `${path} as ${editedCopy(path)}`);
  const kept = copies.length === 0 ? '' : `, and keep what was changed since: ${copies.join(', ')}`;
  return `put back ${paths.join(', ')} as they were before${kept}`;
}
