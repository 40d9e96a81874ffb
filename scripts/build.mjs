// Compiles src/ to build/ and packs that, with three of its packages, into few files in dist/: node needs a tenth of a
// second to find and read five hundred, which is a fifth of a run with nothing to do.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
// Hundreds of files between them, and read by every command that goes to a cluster. All others stay as they are.
const packed = ['yaml', 'yargs', 'zod'];
const compiler = 'node_modules/typescript/bin/tsc';

// What does not fit its types is emitted all the same, so that tests can run; the exit code tells.
const compiled = spawnSync(process.execPath, [compiler, '-p', '.'], {
  cwd: root,
  stdio: 'inherit',
});

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['build/cli.js'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // What a command does not need stays in files of its own, as far from templates/ as build/desired is.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: Object.keys(dependencies).filter((name) => !packed.includes(name)),
  // yaml is CommonJS, and asks for node's own modules by require.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});
process.exitCode = compiled.status ?? 1;
