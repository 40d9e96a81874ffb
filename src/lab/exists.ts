import { access } from 'node:fs/promises';

/** Whether there is something at the path that we may see. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    // Whatever the reason: the caller then makes it, and that says why it cannot.
    () => false,
  );
}
