import { execFile } from 'node:child_process';
import { builtCli } from '../e2e/lab/build.ts';

export interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line as a person types it, in the directory and without a terminal. */
export async function provision(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const cli = await builtCli();
  const options = { cwd: directory, env: { ...process.env, ...env }, timeout: 600_000 };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
