// Without this, esbuild gives every set of commands that share something a file of their own: hundreds of small ones,
// each importing dozens of others, and node looks each import up: a tenth of what a run with nothing to do costs here.
import { dirname, join } from 'node:path';

/** What nearly every command loads, in the order in which `up` does: it connects after the first, and during the second. */
const STAGES = [
  'build/commands/up/up.js',
  'build/commands/up/bring-up.js',
  'build/run/execute-plan.js',
];
/** Who needs less of a stage than this part is better off with several small files. */
const LEAST = 1 / 20;

/**
 * A plugin of esbuild by which all that is loaded later than cli.js loads stages as a whole, so that each stage is one file.
 * `inputs` are those of a build without it.
 */
export function stages(root, inputs) {
  const wanted = wantedStages(inputs);
  return {
    name: 'stages',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, importer, path }) => {
        const file = join(dirname(importer), path).slice(root.length);
        const isStaged = kind === 'dynamic-import' && (wanted.get(file) ?? []).length > 0;
        return isStaged ? { path: file, namespace: 'staged' } : undefined;
      });
      build.onLoad({ filter: /./, namespace: 'staged' }, ({ path }) => ({
        resolveDir: root,
        contents: [
          ...wanted.get(path).map((stage) => `import './${stage}';`),
          `export * from './${path}';`,
        ].join('\n'),
      }));
    },
  };
}

/** For each file that is loaded later, the stages that it loads first. */
function wantedStages(inputs) {
  const lazy = new Map();
  for (const [from, { imports }] of Object.entries(inputs))
    for (const { kind, path, external } of imports)
      if (kind === 'dynamic-import' && external !== true && path.startsWith('build/'))
        lazy.set(path, [...(lazy.get(path) ?? []), from]);

  const before = closureOf(inputs, 'build/cli.js');
  const parts = STAGES.map((stage) => {
    const part = [...closureOf(inputs, stage)].filter((file) => !before.has(file));
    for (const file of part) before.add(file);
    return { stage, part };
  });
  const bytes = (files) => files.reduce((sum, file) => sum + inputs[file].bytes, 0);
  const needed = new Map(
    [...lazy.keys()].map((file) => {
      const needs = closureOf(inputs, file);
      const some = parts.filter(
        ({ part }) => bytes(part.filter((one) => needs.has(one))) >= LEAST * bytes(part),
      );
      return [file, some.map(({ stage }) => stage)];
    }),
  );
  const reached = [...needed].map(([file, own]) => ({ own, files: closureOf(inputs, file) }));
  return new Map(
    [...needed].map(([file, own]) => {
      // What all that load it have loaded already costs nothing.
      const loaders = reached.filter(({ files }) => lazy.get(file).some((one) => files.has(one)));
      const there = STAGES.filter(
        (stage) => loaders.length > 0 && loaders.every((loader) => loader.own.includes(stage)),
      );
      return [file, STAGES.filter((one) => one !== file && [...own, ...there].includes(one))];
    }),
  );
}

/** The file and all that it imports at once. */
function closureOf(inputs, file, found = new Set()) {
  if (found.has(file) || inputs[file] === undefined) return found;
  found.add(file);
  for (const { kind, path } of inputs[file].imports)
    if (kind !== 'dynamic-import') closureOf(inputs, path, found);
  return found;
}
