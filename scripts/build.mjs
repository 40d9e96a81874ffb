// Compiles src/ to build/ and packs that, with some of its packages, into few files in dist/: node needs a tenth of a
// second to find and read five hundred, which is a fifth of a run with nothing to do.
import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { root, run } from './prepare.mjs';
import { stages } from './stages.mjs';
import { compiledTemplates } from './templates.mjs';

const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
// Hundreds of files between them, and read by nearly every command that goes to a cluster. All others stay as they are.
const packed = [
  ...['diff', 'fastest-levenshtein', 'handlebars', 'lossless-json', 'p-limit'],
  ...['semver', 'yaml', 'yargs', 'zod'],
];

// What does not fit its types is emitted all the same, so that tests can run; the exit code tells.
const fits = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']);

const templates = await compiledTemplates(root);
const options = {
  absWorkingDir: root,
  entryPoints: ['build/cli.js'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // What a command does not need stays in files of its own.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: Object.keys(dependencies).filter((name) => !packed.includes(name)),
  alias: { 'string-width': `${root}scripts/plain-width.mjs` },
  // What is not there is not parsed; names stay, for those who read a stack trace.
  minifyWhitespace: true,
  minifySyntax: true,
  // Some are CommonJS, and ask for node's own modules by require.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
};
const { metafile } = await build({
  ...options,
  plugins: [templates],
  metafile: true,
  write: false,
});

rmSync(`${root}dist`, { recursive: true, force: true });
await build({ ...options, plugins: [templates, stages(root, metafile.inputs)] });
process.exitCode = fits ? 0 : 1;
