import type { Mistake } from '../mistake.ts';
import type { Path } from '../path.ts';
import type { Inventory } from '../schema.ts';

/** What a rule looks at. */
export interface Subject {
  readonly inventory: Inventory;
  /** Whether the file itself holds the key, rather than a default. */
  readonly given: (path: Path) => boolean;
}

/** Something no single key can say; an error ends the run, a warning is told and obeyed. */
export interface Rule {
  readonly name: string;
  readonly level: 'error' | 'warning';
  readonly check: (subject: Subject) => readonly Mistake[];
}
