import { type Step, TOUCH } from './step.ts';

/**
 * Whether a running etcd on the same host notices nothing of a step, nor could fail on it later by itself. What it could
 * notice belongs into a wave that changes one member, with a gate behind it and a way back.
 */
export function isHarmless(step: Step): boolean {
  // A change of owner below a running etcd takes its files away.
  if (step.kind === 'prepare-host') return step.directories.every(({ whole }) => whole !== true);
  const onHosts: Readonly<Record<string, readonly [touch: string, concern: string]>> = TOUCH;
  const [touch] = onHosts[step.kind] ?? ['harmless'];
  return touch === 'harmless';
}
