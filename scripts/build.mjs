// Compiles src/ to build/ and packs that, with the packages it uses, into few files in dist/: node needs a tenth of a
// second to find and read five hundred, which is a fifth of a run with nothing to do.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
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
  // ssh2 looks for its compiled parts beside itself.
  external: ['ssh2'],
  // What packages in CommonJS expect to be there.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  logLevel: 'warning',
});
process.exitCode = compiled.status ?? 1;
