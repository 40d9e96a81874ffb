import type { Step } from './step.ts';

/** The mode of a file as chmod takes it. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The step, or nothing. */
export function when(condition: boolean, step: Step): readonly Step[] {
  return condition ? [step] : [];
}
