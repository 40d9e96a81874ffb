import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A directory of the test's own, gone when the test is. */
export function directoryFor(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'provision-test-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
