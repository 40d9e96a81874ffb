import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { parserOf } from '../src/commands/parser.ts';
import { commands } from '../src/commands/table.ts';
import { parseInventory } from '../src/inventory/parse.ts';

const root = new URL('../', import.meta.url);
const BLOCK = /^```(\w*)\n([\s\S]*?)^```$/gm;
const docs = readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`);
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs];

/** Every option there is, from the help of every command; `--no-x` belongs to `--x`. */
const options = new Set(
  (await Promise.all(everyCommand().map((name) => parserOf(name.split(' ')).getHelp()))).flatMap(
    (help) => [...help.matchAll(/--([a-z0-9-]+)/g)].map(([, name = '']) => plain(name)),
  ),
);

/** Thrown when the parser has accepted a command line and would now do it. */
class Accepted extends Error {}

for (const page of pages) {
  const text = readFileSync(new URL(page, root), 'utf8');

  for (const line of commandLines(text)) {
    test(`${page}: the parser takes “${line}”`, async (t) => {
      await t.throwsAsync(parse(line), { instanceOf: Accepted });
    });
  }

  test(`${page}: links lead to files and headings that exist`, (t) => {
    const targets = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    const inside = targets.filter((target) => !/^https?:/.test(target));
    t.deepEqual(
      inside.filter((target) => {
        const [path = '', anchor] = target.split('#');
        const place = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
        if (!existsSync(place)) return true;
        return anchor !== undefined && !headings(readFileSync(place, 'utf8')).includes(anchor);
      }),
      [],
    );
  });

  test(`${page}: files and folders it names exist`, (t) => {
    const named = [
      ...text.matchAll(/`((?:src|test|scripts|bench|inventories|templates)\/[^`*<…\s]+)`/g),
    ];
    t.deepEqual(
      named.map(([, path = '']) => path).filter((path) => !existsSync(new URL(path, root))),
      [],
    );
  });

  test(`${page}: options it names exist`, (t) => {
    // What follows a lone -- is etcdctl's; what stands in a line alone is what a command prints for kube-apiserver.
    const ours = text
      .replaceAll(/^--etcd-\S+$/gm, '')
      .replaceAll(/^npm .*$| -- [^`\n]*/gm, '')
      .replaceAll(/`(npm|npx|node) .*?`/g, '');
    const named = [...ours.matchAll(/(?<=[`\s(])--([a-z][a-z0-9-]+)/g)];
    t.deepEqual(
      named.map(([, name = '']) => plain(name)).filter((name) => !options.has(name)),
      [],
    );
  });

  test(`${page}: npm scripts it names exist`, (t) => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(new URL('package.json', root), 'utf8'),
    );
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    t.deepEqual(
      named.filter((name) => scripts[name] === undefined),
      [],
    );
  });

  const inventories = blocks(text).filter(({ kind }) => kind === 'yaml');
  for (const [at, { content }] of inventories.entries()) {
    test(`${page}: inventory ${at + 1} breaks no rule`, (t) => {
      t.deepEqual(parseInventory(content, page).warnings, []);
    });
  }
}

test('docs: have a paragraph for every command, with its name in bold', (t) => {
  const text = docs.map((page) => readFileSync(new URL(page, root), 'utf8')).join('\n');
  t.deepEqual(
    everyCommand().filter((name) => !text.includes(`**\`${name}\`**`)),
    [],
  );
});

for (const line of [
  'provision up',
  'provision up inventory.yaml --wipeout',
  'provision certs lose inventory.yaml',
  'provision upp inventory.yaml',
]) {
  test(`readme.test: “${line}” would not pass`, async (t) => {
    const error = await t.throwsAsync(parse(line));
    t.false(error instanceof Accepted);
  });
}

/** Ends with Accepted when command and options exist and nothing is missing; else with what the user would see. */
async function parse(line: string): Promise<void> {
  const [, ...given] = words(line);
  const accept = (args: Readonly<Record<string, unknown>>) => {
    // A family takes any word for its verb; its handler would refuse it.
    if (Array.isArray(args._) && args._.length === 1 && isFamily(String(args._[0])))
      throw new Error(`no verb of ${args._[0]}`);
    throw new Accepted();
  };
  await parserOf(given).middleware(accept).parseAsync();
}

/** `up`, `certs list` and so on; a family names its verbs at the end of what describes it. */
function everyCommand(): readonly string[] {
  return commands.flatMap(({ command, describe }) => {
    const [name = ''] = String(command).split(' ');
    if (!isFamily(name)) return [name];
    const verbs = String(describe).split(': ').at(-1) ?? '';
    return verbs.split(', ').map((verb) => `${name} ${verb}`);
  });
}

function plain(option: string): string {
  return option.replace(/^no-/, '');
}

function isFamily(name: string): boolean {
  return commands.some(({ command }) => command === `${name} [verb]`);
}

/** Every command line of ours, in blocks and in running text, each once. */
function commandLines(text: string): readonly string[] {
  const shown = blocks(text).flatMap(({ content }) => content.split('\n'));
  const outside = text.replaceAll(BLOCK, '');
  const spans = [...outside.matchAll(/`([^`\n]*)`/g)].map(([, span = '']) => span);
  const lines = [...shown, ...spans].flatMap(
    (line) => /(?:^|^\$ |\$\()(provision [^#)]*)/.exec(line)?.[1]?.trim() ?? [],
  );
  return [...new Set(lines)].filter((line) => line !== 'provision --help');
}

function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

function blocks(text: string): readonly { readonly kind: string; readonly content: string }[] {
  return [...text.matchAll(BLOCK)].map(([, kind = '', content = '']) => ({ kind, content }));
}

/** Headings as anchors are made of them. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
}
