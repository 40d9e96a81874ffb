import { createHash } from 'node:crypto';
import { count } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import type { Change } from './finish-run.ts';

/** A plan as history and hooks name it. */
export function changeOf(plan: Plan): Change {
  const digest = createHash('sha256').update(JSON.stringify(plan.waves)).digest('hex');
  return { changes: count(plan), plan: digest.slice(0, 12) };
}
