import type { Proposal } from '../../problem/problem.ts';

/**
 * Why the member that a rule was asked about is as it is; its `kind` names the rule or the row of the table of causes, and is
 * `unknown` where none knows. Its evidence is lines that show it, newest last.
 */
export type Cause = Omit<Proposal, 'about'> & Required<Pick<Proposal, 'evidence'>>;
