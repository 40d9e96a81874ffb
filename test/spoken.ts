import { Failure } from '../src/failure/failure.ts';
import { nextText } from '../src/problem/render.ts';

/** What a Failure says, with what to do next as a person reads it; anything else as it is. */
export function spoken(error: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  const { name, reason, message, log, hosts, next } = error;
  return { name, reason, message, evidence: log, hosts, next: next && nextText(next) };
}
