import { must } from './local-command.ts';

/** Deletes a directory with all in it, but never what is mounted in it: those are the files of a running host. */
export async function deleteTree(directory: string): Promise<void> {
  const args = ['--recursive', '--force', '--one-file-system', directory];
  await must(`delete ${directory}`, 'rm', args, { deadline: 300 });
}
