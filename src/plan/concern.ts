/** What a member that is away would have to know of a step, or take part in. */
export const CONCERNS = {
  trust: 'the trust between members would change',
  list: 'the list of members would change',
  minor: 'the cluster would go to another minor version',
  data: 'data would be given up or replaced',
  alarm: 'an alarm about what all members hold would end',
  halt: 'members would stop',
} as const;

/** One of these, or nothing: the others can do the step alone. */
export type Concern = keyof typeof CONCERNS | 'nothing';
