import type { DesiredCluster } from '../desired/cluster.ts';
import { logOf } from './carried.ts';
import { plannedCluster } from './planned-cluster.ts';
import type { QuietStep, Step } from './step.ts';

/** The mode of a file as chmod takes it. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The step, or nothing. */
export function when<One extends Step>(condition: boolean, step: One): readonly One[] {
  return condition ? [step] : [];
}

/** Writes etcd.conf again, which etcd reads only at its start. */
export function rewriteConf(
  path: string,
  { content, before }: { readonly content: string; readonly before: string | undefined },
  because: string,
): QuietStep {
  const file = { path, content, mode: 0o644, owner: 'root:root' };
  return { kind: 'write-files', files: [{ file, before, because }], because };
}

/** Waits until a member is ready, and records which log it has then. */
export function awaitReady(
  cluster: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
  because: string,
) {
  return { kind: 'await-ready', unit: cluster.unit, log: logOf(cluster), because } as const;
}

/** Has a member hand its leadership over, if it leads, to none of `except`. */
export function yieldStep(cluster: DesiredCluster, because: string, except: readonly string[]) {
  return {
    ...({ kind: 'yield-leadership', cluster: plannedCluster(cluster), because } as const),
    ...(except.length > 0 && { except }),
  };
}
