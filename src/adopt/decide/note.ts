import { groupedBy } from '../../problem/grouped.ts';
import type { Problem, Severity } from '../../problem/problem.ts';
import type { Next } from '../../problem/remedy.ts';

/** Something that is told of a cluster; without a severity it is good to know. */
export function note(
  kind: string,
  about: readonly string[],
  sentence: string,
  more: {
    readonly severity?: Severity;
    readonly evidence?: readonly string[];
    readonly next?: Next;
  } = {},
): Problem {
  const { severity, evidence, next = [] } = more;
  return {
    kind,
    about,
    sentence,
    next,
    ...(severity && { severity }),
    ...(evidence && { evidence }),
  };
}

/** The members that have each value, in the order of the values. */
export function byValue<T>(
  members: readonly T[],
  read: (member: T) => string | undefined,
  called: (member: T) => string,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const member of members) {
    const value = read(member);
    if (value !== undefined) found.set(value, [...(found.get(value) ?? []), called(member)]);
  }
  return found;
}

/** `a: m1, m2; b: m3` */
export function spoken(values: ReadonlyMap<string, readonly string[]>): string {
  return [...values]
    .map(([value, names]) => `${value || '(none)'} on ${names.join(', ')}`)
    .join('; ');
}

/** What is told of single members, said once of all of whom the same is to be said, with their names before it. */
export function alike(problems: readonly Problem[]): readonly Problem[] {
  const groups = groupedBy(problems, ({ kind, sentence }) => `${kind} ${sentence}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const about = [...new Set(group.flatMap((one) => one.about))];
    return [{ ...first, about, sentence: `${about.join(', ')}: ${first.sentence}` }];
  });
}
