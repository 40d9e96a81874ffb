import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../../src/lab/local-command.ts';
import { locked } from '../../../src/lab/lock.ts';

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url));

let built: Promise<string> | undefined;

/** The built command line, compiled again where a source is newer; returns the path of dist/cli.js. */
export function builtCli(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const cli = join(PACKAGE, 'dist/cli.js');
  await locked(
    `build-${createHash('sha256').update(PACKAGE).digest('hex').slice(0, 12)}`,
    async () => {
      const there = await stat(cli).catch(() => undefined);
      if (there !== undefined && there.mtimeMs > (await newestSource())) return;
      // Types are the business of `npm run check`; what was emitted runs all the same.
      await run(process.execPath, [join(PACKAGE, 'scripts/build.mjs')], { deadline: 600 });
    },
  );
  return cli;
}

async function newestSource(): Promise<number> {
  const source = join(PACKAGE, 'src');
  const files = await readdir(source, { recursive: true });
  const times = files.map(async (file) => (await stat(join(source, file))).mtimeMs);
  return Math.max(...(await Promise.all(times)));
}
