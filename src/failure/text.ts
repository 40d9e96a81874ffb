import { INVENTORY, type Next, provision, remedy } from '../problem/remedy.ts';
import { problemLines } from '../problem/render.ts';
import type { Failure } from './failure.ts';

/** A failure as a person reads it: what it is, what it is made of, what has caused it, what to do. */
export function failureLines(failure: Failure, inventory?: string): readonly string[] {
  const { reason, problem, parts } = failure;
  const [head, ...below] = problemLines({ ...problem, next: [] }, { inventory });
  const end = problemLines({ ...problem, next: nextOf(failure, inventory) }, { inventory });
  return [
    `${reason === 'paused' ? 'paused' : 'error'}: ${head}`,
    ...below,
    ...parts.flatMap((part) => problemLines(part, { inventory, indent: 2 })),
    ...causes(failure),
    ...end.slice(1 + below.length),
  ];
}

function causes({ cause }: Failure): readonly string[] {
  const lines: string[] = [];
  for (let one = cause; one instanceof Error; one = one.cause)
    lines.push(`  caused by: ${one.message}`);
  return lines;
}

/** What to do next; a command that failed on a host and of which nobody knows more is looked into first. */
function nextOf({ name, parts, next }: Failure, inventory: string | undefined): Next {
  const isTold = next.length > 0 || parts.some((part) => part.next.length > 0);
  if (isTold || name !== 'HostError' || inventory === undefined) return next;
  return [remedy`see what is wrong: ${provision('doctor', INVENTORY)}`];
}
