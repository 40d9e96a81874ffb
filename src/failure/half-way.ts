import { Failure } from './failure.ts';

/**
 * What a run ends with that has changed the cluster before. A refusal says to scripts that nothing of it was begun: here one
 * member has joined, and the next one was refused.
 */
export function failedHalfWay(error: unknown): unknown {
  if (!(error instanceof Failure) || error.reason !== 'refused') return error;
  const { problem, cause, hosts, parts, log } = error;
  return new Failure('failed', problem, { cause, hosts, parts, log });
}
