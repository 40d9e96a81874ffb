import type { FileHeader } from './templates.ts';

/** Whose file it is by its header, or undefined when provision did not write it. */
export function readHeader(content: string | undefined): FileHeader | undefined {
  const found = /^# provision: cluster ([a-z0-9-]+), member ([A-Za-z0-9._-]+)$/m.exec(
    content ?? '',
  );
  const [, cluster, member] = found ?? [];
  return cluster === undefined || member === undefined ? undefined : { cluster, member };
}
