import { Failure } from '../../failure/failure.ts';
import { readRule } from '../../plan/maintaining/read-rule.ts';
import type { Rule } from '../../plan/maintaining/rule.ts';
import { remedy } from '../../problem/remedy.ts';
import { USUAL_RULE } from './options.ts';

/** The rule of --when. Throws a Failure (usage) that says at which column it is wrong. */
export function ruleOf(when: string): Rule {
  const read = readRule(when);
  if ('rule' in read) return read.rule;
  throw new Failure('usage', {
    ...{ kind: 'rule', about: [], sentence: `--when, column ${read.column}: ${read.fault}` },
    evidence: [when, `${' '.repeat(read.column - 1)}^`],
    next: [remedy`write a rule such as '${USUAL_RULE}'`],
  });
}

/** A rule as it is typed; nothing for the usual one. */
export function whenWords(when: string): readonly string[] {
  return when === USUAL_RULE ? [] : ['--when', when];
}
