import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';

/** A move of a member's data or log to another directory that was begun. */
export interface MoveNote {
  readonly from: string;
  readonly to: string;
  /** All that is kept. */
  readonly content: string;
}

/** What a host keeps of such a move, from before it until after it. */
export const moveNoteFact = (path: string): Fact<MoveNote | undefined> => ({
  ask: sh`[ ! -f ${path} ] || head -c 4096 ${path}`,
  read({ stdout }) {
    const found = properties(stdout);
    const [from, to] = [found.get('from'), found.get('to')];
    return from === undefined || to === undefined ? undefined : { from, to, content: stdout };
  },
});
