import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** The command line as a person types it, in the directory and without a terminal. */
export function provision(directory: string, args: readonly string[]): Promise<Ended> {
  const node = ['--import', import.meta.resolve('tsx'), CLI, ...args];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      node,
      { cwd: directory, timeout: 600_000 },
      (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
