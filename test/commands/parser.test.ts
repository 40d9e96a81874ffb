import test from 'ava';
import type { Argv, CommandModule } from 'yargs';
import { parserOf } from '../../src/commands/parser.ts';
import { commands } from '../../src/commands/table.ts';
import { Failure } from '../../src/failure/failure.ts';

/** The words of every command that does something: `up`, `certs list`. */
const leaves = commands.flatMap((module) => {
  const name = firstWord(module);
  const verbs = verbsOf(module);
  return verbs.length === 0 ? [[name]] : verbs.map((verb) => [name, verb]);
});

test('parserOf: knows every command of every family', (t) => {
  t.true(leaves.some((words) => words.join(' ') === 'certs rotate-ca'));
  t.true(leaves.some((words) => words.join(' ') === 'up'));
});

for (const words of leaves) {
  test(`provision ${words.join(' ')} --help: shows an example, and options in kebab case`, async (t) => {
    const help = await parserOf(words).getHelp();
    t.regex(help, new RegExp(`Examples:\\n  provision ${words.join(' ')}\\b`));
    const options = [...help.matchAll(/--([A-Za-z0-9-]+)/g)].map(([, name]) => name);
    t.deepEqual(
      options.filter((name) => /[A-Z]/.test(name ?? '')),
      [],
    );
    // The packed program lays help out by counting characters (scripts/plain-width.mjs).
    t.regex(help, /^[\n -~\u00a1-\u00ff\u2010-\u2026]*$/);
  });
}

test('provision --help: names every command, and the verbs of every family', async (t) => {
  const help = (await parserOf([]).getHelp()).replaceAll(/\s+/g, ' ');
  for (const [name = '', verb] of leaves) {
    t.true(help.includes(`provision ${name} `), name);
    if (verb !== undefined)
      t.regex(help, new RegExp(`provision ${name} [^:]*: [a-z, -]*\\b${verb}\\b`));
  }
});

function firstWord({ command }: CommandModule): string {
  return String(command).split(' ')[0] ?? '';
}

/** What the builder of a family adds; a command that does something adds no commands. */
function verbsOf({ builder }: CommandModule): readonly string[] {
  const verbs: string[] = [];
  if (typeof builder !== 'function') return verbs;
  const recorder: Argv = new Proxy(parserOf([]), {
    get: (_target, method) => (module: CommandModule) => {
      if (method === 'command') verbs.push(firstWord(module));
      return recorder;
    },
  });
  builder(recorder);
  return verbs;
}

const MISUSED: readonly (readonly [string, RegExp])[] = [
  ['up x.yaml --timeout abc', /^--timeout takes a whole number, 1 or more$/],
  ['up x.yaml --timeout -5', /^--timeout takes a whole number, 1 or more$/],
  ['up x.yaml --timeout', /timeout/],
  ['up x.yaml --concurrency 0', /^--concurrency takes a whole number, 1 or more$/],
  ['up x.yaml --lock-wait 1.5', /^--lock-wait takes a whole number, 0 or more$/],
  ['up x.yaml --yes-wipe', /yes-wipe/],
  ['restore x.yaml --from --yes-restore prod', /from/],
  ['restore x.yaml --from a --from b', /^--from was given 2 times$/],
  ['down x.yaml y.yaml', /y\.yaml/],
  ['up', /.+/],
];

for (const [line, sentence] of MISUSED)
  test(`provision ${line}: is a mistake of the user, before anything is done`, async (t) => {
    const error = await t.throwsAsync(async () => parserOf(line.split(' ')).parseAsync());
    t.true(error instanceof Failure && error.reason === 'usage', String(error));
    t.regex(error?.message ?? '', sentence);
  });
