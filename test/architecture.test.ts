import { readdir, readFile } from 'node:fs/promises';
import test from 'ava';
import ts from 'typescript';
import { type Import, importsOf, readSources, type Source, walk } from './imports.ts';

/** Who may use whom. `types` may only be named: nothing of them is left at run time. */
interface Allowance {
  readonly uses: readonly string[];
  readonly types?: readonly string[];
}

const LAW: Readonly<Record<string, Allowance>> = {
  shell: { uses: [] },
  // A remedy is data; every folder that has to say what helps makes it from these words.
  problem: { uses: ['shell'] },
  failure: { uses: ['problem'] },
  // Whose files are acted upon. What a person is to type about them is quoted, as everywhere.
  trust: { uses: ['problem', 'shell', 'failure'] },
  // Files that a power cut must not take.
  durable: { uses: ['problem', 'shell', 'failure'] },
  host: { uses: ['problem', 'shell', 'failure'] },
  // What stands in the place of a file of ours is told in one place.
  ssh: { uses: ['problem', 'host', 'shell', 'failure', 'durable'], types: ['inventory'] },
  // Inventories are YAML, and so is one of the ways in which etcd takes its settings.
  yaml: { uses: [] },
  etcd: { uses: ['shell', 'yaml'] },
  // What etcd refuses differs by its version.
  pki: { uses: ['problem', 'durable', 'shell', 'failure', 'trust', 'etcd'] },
  // What a certificate may name and which flags a version has is known in one place, and an inventory is judged by it.
  // It is written where a person asks for other names of settings.
  inventory: {
    uses: ['problem', 'failure', 'etcd', 'pki', 'trust', 'systemd', 'durable', 'yaml'],
  },
  // Which settings of a unit may be chosen, and when each counts, is known in one place too.
  systemd: { uses: [] },
  // A program that others could have put there is not run here.
  binaries: {
    uses: ['problem', 'etcd', 'shell', 'failure', 'host', 'trust'],
    types: ['inventory'],
  },
  desired: { uses: ['pki', 'etcd', 'shell', 'systemd'], types: ['inventory'] },
  facts: { uses: ['problem', 'host', 'shell', 'failure', 'etcd', 'pki', 'desired', 'binaries'] },
  // What should be and what is, joined once; every decision is made from it.
  observed: { uses: ['desired', 'facts', 'etcd'], types: ['failure'] },
  // Clusters that something else made, before there is an inventory to decide anything from: what is seen of them, and how
  // that is said in an inventory. Everything behind that goes by the inventory, and never asks here.
  adopt: {
    uses: ['problem', 'facts', 'pki', 'etcd', 'systemd', 'inventory', 'host', 'shell', 'failure'],
  },
  snapshot: {
    uses: ['durable', 'problem', 'desired', 'facts', 'etcd', 'host', 'shell', 'failure'],
  },
  plan: {
    uses: ['problem', 'observed', 'desired', 'facts', 'pki', 'etcd', 'shell', 'systemd'],
    types: ['host', 'binaries'],
  },
  // What it advises is held against what a plan would do, and what a plan would refuse is told.
  diagnosis: {
    uses: [
      ...['problem', 'plan', 'observed', 'facts', 'verify', 'pki', 'etcd', 'host', 'shell'],
      ...['history', 'failure'],
    ],
    types: ['desired'],
  },
  check: {
    uses: ['problem', 'observed', 'desired', 'facts', 'pki', 'host', 'shell'],
    types: ['binaries'],
  },
  verify: { uses: ['problem', 'observed', 'desired', 'facts', 'etcd', 'host', 'failure'] },
  apply: {
    uses: [
      ...['problem', 'plan', 'facts', 'desired', 'pki', 'binaries', 'etcd', 'snapshot'],
      ...['host', 'shell', 'failure'],
    ],
  },
  // Two runs meet where each has most of the members: the same arithmetic as for a quorum.
  lock: { uses: ['problem', 'etcd', 'history', 'host', 'shell', 'failure'] },
  log: { uses: ['failure', 'shell'], types: ['host'] },
  history: { uses: ['host', 'shell', 'log', 'durable'] },
  hooks: { uses: ['problem', 'shell', 'failure', 'trust'] },
  // Which versions there are is known in one place.
  lab: { uses: ['problem', 'failure', 'shell', 'etcd'] },
  // What people and machines are shown.
  report: {
    uses: [
      ...['problem', 'check', 'diagnosis', 'plan', 'apply', 'observed', 'facts', 'desired', 'pki'],
      ...['etcd', 'history', 'lock', 'failure'],
    ],
    types: ['snapshot', 'lab', 'adopt'],
  },
  // The loop that every operation goes through.
  run: {
    uses: [
      ...['report', 'problem', 'plan', 'apply', 'verify', 'diagnosis', 'check', 'binaries'],
      ...['observed', 'facts', 'desired', 'pki', 'inventory', 'ssh', 'lock', 'log', 'history'],
      ...['hooks', 'host', 'shell', 'failure', 'adopt'],
    ],
  },
  commands: {
    uses: [
      ...['run', 'report', 'problem', 'apply', 'binaries', 'check', 'desired', 'diagnosis'],
      ...['etcd', 'facts', 'history', 'host', 'inventory', 'lab', 'lock', 'observed', 'pki'],
      ...['plan', 'durable', 'shell', 'snapshot', 'verify', 'failure', 'adopt'],
    ],
  },
  'cli.ts': { uses: ['commands', 'failure', 'log', 'problem'] },
};

/** Where each outside package comes in: replacing it, or finding its quirks, means opening these. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  '@inquirer/prompts': ['run/'],
  'age-encryption': ['snapshot/'],
  'cli-table3': ['report/'],
  diff: ['plan/diff.ts'],
  execa: ['lab/', 'hooks/'],
  'fastest-levenshtein': ['inventory/'],
  handlebars: ['desired/compile-template.ts'],
  listr2: ['apply/'],
  'lossless-json': ['etcd/'],
  'node-forge': ['pki/'],
  'p-limit': ['ssh/', 'lab/', 'apply/'],
  semver: ['etcd/versions.ts'],
  'ssh-config': ['ssh/'],
  ssh2: ['ssh/'],
  'tar-stream': ['binaries/'],
  undici: ['binaries/'],
  yaml: ['yaml/', 'inventory/', 'report/kube-forms.ts'],
  yargs: ['cli.ts', 'commands/'],
  zod: ['inventory/', 'etcd/', 'facts/', 'adopt/', 'pki/', 'snapshot/', 'lock/', 'history/'],
};

/** Packages that answer from their arguments alone, or are asked only for that: judging a name, encoding a subject. */
const PURE_PACKAGES = [
  'diff',
  'node:crypto',
  'node:net',
  'node:util',
  'node-forge',
  'semver',
  'yaml',
];

const sources = await readSources();
const imports = sources.flatMap(importsOf);
const inside = imports.filter((one) => one.into !== undefined && one.into !== one.folder);

test('src: every folder has its place in the law', (t) => {
  const folders = [...new Set(sources.map(({ folder }) => folder))].sort();
  t.deepEqual(
    folders.filter((folder) => LAW[folder] === undefined),
    [],
  );
});

test('src: a folder uses only what the law allows it', (t) => {
  const violations = inside.filter(({ folder, into = '', typesOnly }) => {
    const { uses = [], types = [] } = LAW[folder] ?? {};
    return !(uses.includes(into) || (typesOnly && types.includes(into)));
  });
  t.deepEqual(violations.map(show), []);
});

test('src: no folder uses one that uses it, over however many others', (t) => {
  const uses = new Map<string, Set<string>>();
  for (const { folder, into = '', typesOnly } of inside)
    if (!typesOnly) uses.set(folder, (uses.get(folder) ?? new Set()).add(into));
  t.deepEqual(
    [...uses.keys()].filter((folder) =>
      reach(folder, (from) => [...(uses.get(from) ?? [])]).has(folder),
    ),
    [],
  );
});

test('src: no file names one that names it, over however many others, by types or lazily', (t) => {
  const named = new Map<string, string[]>();
  for (const { file, target, into } of imports)
    if (into !== undefined) named.set(file, [...(named.get(file) ?? []), target]);
  t.deepEqual(
    [...named.keys()].filter((file) => reach(file, (from) => named.get(from) ?? []).has(file)),
    [],
  );
});

test('src: each outside package comes in by its own door', (t) => {
  const outside = imports.filter(({ into, target }) => into === undefined && !builtIn(target));
  const violations = outside.filter(
    ({ file, target }) => !DOORS[packageOf(target)]?.some((door) => file.startsWith(door)),
  );
  t.deepEqual(violations.map(show), []);
});

test('src: zod comes in as a namespace: its own `z` brings its messages in forty languages', (t) => {
  const whole = sources.filter(({ tree }) =>
    /import \{[^}]*\bz\b[^}]*\} from 'zod'/.test(tree.text),
  );
  t.deepEqual(
    whole.map(({ file }) => file),
    [],
  );
});

test('src: every door that is named is used', (t) => {
  const used = (name: string, door: string) =>
    imports.some(
      ({ file, target, into }) =>
        into === undefined && packageOf(target) === name && file.startsWith(door),
    );
  t.deepEqual(
    Object.entries(DOORS).flatMap(([name, doors]) =>
      doors.filter((door) => !used(name, door)).map((door) => `${name} by ${door}`),
    ),
    [],
  );
});

test('src: a folder is allowed what it uses, and no more', (t) => {
  const used = (folder: string, into: string) =>
    inside.some((one) => one.folder === folder && one.into === into);
  t.deepEqual(
    Object.entries(LAW).flatMap(([folder, { uses, types = [] }]) =>
      [...uses, ...types].filter((into) => !used(folder, into)).map((into) => `${folder}: ${into}`),
    ),
    [],
  );
});

test('src: every outside package that is used is a dependency', async (t) => {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(text);
  const used = imports.flatMap(({ into, target, typesOnly }) =>
    into === undefined && !builtIn(target) && !typesOnly ? [packageOf(target)] : [],
  );
  t.deepEqual(
    used.filter((name) => dependencies[name] === undefined),
    [],
  );
});

test('src: nothing is exported without a name, and no file is a barrel', (t) => {
  const nameless = sources.filter(({ tree }) =>
    some(tree, (node) => ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword),
  );
  const barrels = sources.filter(
    ({ file, tree }) =>
      file.endsWith('index.ts') ||
      some(tree, (node) => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined),
  );
  t.deepEqual(
    [...nameless, ...barrels].map(({ file }) => file),
    [],
  );
});

test('src: every exported function says in a line what it computes', (t) => {
  const silent = sources.flatMap(({ file, tree }) =>
    tree.statements
      .filter(ts.isFunctionDeclaration)
      .filter(({ modifiers }) =>
        modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
      )
      .filter((one) => ts.getJSDocCommentsAndTags(one).length === 0)
      .map(({ name }) => `${file}: ${name?.text}`),
  );
  t.deepEqual(silent, []);
});

test('src: no file is named after being shared, and none is longer than 300 lines', (t) => {
  const shared = /(^|\/)(utils?|helpers?|common|types?|constants?|managers?|misc)(\/|\.ts$)/;
  t.deepEqual(
    sources.map(({ file }) => file).filter((file) => shared.test(file)),
    [],
  );
  t.deepEqual(
    sources
      .map(({ file, tree }) => ({ file, lines: tree.getLineStarts().length - 1 }))
      .filter(({ lines }) => lines > 300),
    [],
  );
});

test('src/plan: has no async, no clock, no chance, no files, no console and no process', (t) => {
  const planners = sources.filter(({ folder }) => folder === 'plan');
  t.not(planners.length, 0);
  t.deepEqual(planners.flatMap(impurities), []);
});

test('src/plan: stands on nothing that is not a function of its arguments', (t) => {
  const next = (file: string) =>
    imports.filter((one) => one.file === file && !one.typesOnly).map(({ target }) => target);
  const planners = sources.filter(({ folder }) => folder === 'plan').map(({ file }) => file);
  const reached = new Set(planners.flatMap((file) => [...reach(file, next)]));
  t.deepEqual(
    [...reached].filter(
      (target) => !target.endsWith('.ts') && !PURE_PACKAGES.includes(packageOf(target)),
    ),
    [],
  );
});

test('src/plan: a wave is made in the files that say how members are touched, and nowhere else', (t) => {
  const makes = ({ tree }: Source) =>
    some(tree, (node) => {
      if (!ts.isObjectLiteralExpression(node)) return false;
      const names = node.properties.map(({ name }) => name?.getText());
      return ['lanes', 'gate', 'undo'].every((name) => names.includes(name));
    });
  const spread = /\bgate: \[\]|\bundo: \[\]/;
  const files = sources.filter(
    ({ file, folder, tree }) =>
      ['plan', 'commands', 'run'].includes(folder) &&
      (makes({ file, folder, tree }) || (spread.test(tree.text) && /\blanes:/.test(tree.text))),
  );
  t.deepEqual(
    files.map(({ file }) => file),
    // What is stopped, started or moved goes through the first two: the types keep it out of the third.
    ['plan/rolling.ts', 'plan/together.ts', 'plan/unnoticed.ts'],
  );
});

test('src: nothing is decided by the sentence of a problem or a failure', (t) => {
  const found = sources
    // Where a name is told beside the sentence, it is not told twice.
    .filter(({ file }) => file !== 'problem/render.ts')
    .flatMap(({ file, tree }) => readings(tree).map((text) => `${file}: ${text}`));
  t.deepEqual(found, [
    // The words of others: zod's and its patterns', those of the YAML library, of bash, of ssh2.
    "inventory/explain.ts: message.replace(/^is /, 'must be ')",
    "inventory/yaml/document.ts: message.replaceAll(/\\s+/g, ' ')",
    "ssh/execute.ts: error.message === 'No response from server'",
  ]);
});

test('src: what to do next is set out below a problem in one place', (t) => {
  const setsOut = sources.filter(({ tree }) =>
    some(
      tree,
      (node) =>
        (ts.isTemplateHead(node) || ts.isTemplateMiddle(node)) && /(^|\n) *next: $/.test(node.text),
    ),
  );
  t.deepEqual(
    setsOut.map(({ file }) => file),
    // What follows on a success is told by three others.
    [
      'commands/init/init.ts',
      'problem/render.ts',
      'report/adoption-text.ts',
      'report/restored-text.ts',
    ],
  );
});

test('src: hosts are looked at in one way', (t) => {
  const looking = imports.filter(({ target }) => target === 'facts/gather.ts');
  t.deepEqual(
    looking.filter(({ typesOnly }) => !typesOnly).map(({ file }) => file),
    // A diagnosis is made below src/run, of members that have failed under a roll-out.
    ['diagnosis/looks/examine.ts', 'run/observe-hosts.ts', 'run/observe.ts'],
  );
});

const READERS: ReadonlySet<string> = new Set([
  ...['startsWith', 'endsWith', 'includes', 'indexOf', 'match', 'matchAll', 'search', 'replace'],
  ...['replaceAll', 'slice', 'split', 'substring'],
]);
const COMPARERS: ReadonlySet<string> = new Set(['test', 'exec', 'has', 'get', 'includes']);

/** Where the text of a sentence is compared or taken apart. */
function readings(tree: ts.Node): readonly string[] {
  const found: string[] = [];
  const isSentence = (node: ts.Node) =>
    /(^|\.)(sentence|cause|message|complaint|trouble)$/.test(node.getText());
  walk(tree, (node) => {
    const compared =
      ts.isBinaryExpression(node) &&
      /^[=!]==?$/.test(node.operatorToken.getText()) &&
      [node.left, node.right].some(isSentence) &&
      ![node.left, node.right].some((side) => side.getText() === 'undefined');
    const called =
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      ((READERS.has(node.expression.name.text) && isSentence(node.expression.expression)) ||
        (COMPARERS.has(node.expression.name.text) && node.arguments.some(isSentence)));
    if (compared || called) found.push(node.getText());
  });
  return found;
}

test('src/plan: no planner rewrites a plan or a step that another has made', (t) => {
  const rewriters = sources
    .filter(({ folder }) => folder === 'plan')
    .filter(({ tree }) =>
      some(
        tree,
        (node) =>
          ts.isObjectLiteralExpression(node) &&
          node.properties.length > 1 &&
          some(
            node,
            (one) => ts.isSpreadAssignment(one) && /^(?:plan|step)$/.test(one.expression.getText()),
          ),
      ),
    );
  t.deepEqual(
    rewriters.map(({ file }) => file),
    [
      // A brake on the way from any planner to the hosts.
      'plan/limited.ts',
      // What has been done, the other way round.
      'plan/undo.ts',
    ],
  );
});

test('src/commands, src/run: a plan comes from planFor(), whatever is wanted', (t) => {
  const planners = sources
    .filter(({ folder }) => folder === 'plan')
    .flatMap(({ tree }) => tree.statements.filter(ts.isFunctionDeclaration))
    .filter(({ type }) => type?.getText() === 'Plan')
    .flatMap(({ name }) => name?.text ?? []);
  t.true(planners.includes('planCluster'));
  const used = sources
    .filter(({ folder }) => ['commands', 'run'].includes(folder))
    .flatMap(({ file, tree }) =>
      namesImported(tree)
        .filter((name) => planners.includes(name))
        .map((name) => `${file}: ${name}`),
    );
  t.deepEqual(
    used.filter((one) => !one.endsWith(': planFor')),
    // Nothing to do.
    ['commands/restore/settle-unfinished.ts: planOf'],
  );
});

test('src/run, src/commands: what should be is read from Desired, not from the inventory', (t) => {
  const reads = sources
    .filter(({ folder }) => ['run', 'commands', 'snapshot'].includes(folder))
    .filter(({ tree }) =>
      some(
        tree,
        (node) =>
          ts.isPropertyAccessExpression(node) &&
          /^(?:\w+\.)?inventory$/.test(node.expression.getText()) &&
          !/^(?:args|limits|options)\./.test(node.expression.getText()) &&
          node.name.text !== 'inventory',
      ),
    );
  t.deepEqual(
    reads.map(({ file }) => file),
    [
      // Where programs come from is no state of a host.
      'commands/check/check.ts',
      'commands/doctor/doctor.ts',
      'run/session-programs.ts',
      // Makes it Desired.
      'run/session.ts',
      // Files of this machine, for which no host is described.
      'snapshot/directory.ts',
    ],
  );
});

test('src: what a version of etcd has is said in its table, and nowhere else', (t) => {
  const version = /(?<![\d.])3\.[2-9](?:\.\d+)?(?![\d.]*\.\d)|\\?3\\\.\[/;
  const strays = sources.filter(({ tree }) =>
    some(
      tree,
      (node) =>
        (ts.isStringLiteralLike(node) ||
          ts.isRegularExpressionLiteral(node) ||
          ts.isTemplateHead(node) ||
          ts.isTemplateMiddleOrTemplateTail(node)) &&
        version.test(node.text),
    ),
  );
  t.deepEqual(
    strays.map(({ file }) => file),
    [
      'etcd/versions.ts',
      // The form of a version, with an example.
      'inventory/schema.ts',
      // Which release of Debian has which.
      'lab/debian.ts',
      'lab/etcd-debian.ts',
    ],
  );
});

test('src/commands: each command lies in the folder of its family, with its row in the table there', (t) => {
  const ours = sources.filter(({ folder }) => folder === 'commands').map(({ file }) => file);
  t.deepEqual(
    ours.filter((file) => file.split('/').length === 2),
    ['command', 'option-table', 'parser', 'suggest-command', 'table', 'validate-options'].map(
      (name) => `commands/${name}.ts`,
    ),
  );
  const makers = sources
    .filter(({ folder }) => folder === 'commands')
    .filter(({ tree }) =>
      some(tree, (node) => ts.isPropertyAssignment(node) && node.name.getText() === 'usage'),
    );
  t.deepEqual(
    makers.map(({ file }) => file),
    ours.filter((file) => /^commands\/[^/]+\/table\.ts$/.test(file)),
  );
});

test('src/apply: what walks a plan lies at its top, and what is performed in the folder of its subject', (t) => {
  const top = sources.map(({ file }) => file).filter((file) => /^apply\/[^/]+$/.test(file));
  t.deepEqual(
    top,
    [
      ...['explain', 'pause', 'perform-here', 'perform-on-host', 'roll-back-risk'],
      ...['roll-back', 'roll-out', 'step-context', 'stopped', 'timing', 'untouched', 'watch'],
    ].map((name) => `apply/${name}.ts`),
  );
});

test('src/commands: what is printed is made in src/report', (t) => {
  const makers = sources
    .filter(({ folder }) => folder === 'commands')
    .filter(({ tree }) =>
      some(
        tree,
        (node) =>
          (ts.isFunctionDeclaration(node) && /^describe|Text$/.test(node.name?.text ?? '')) ||
          (ts.isCallExpression(node) && /\.join\('(?:\\n)+'\)$/.test(node.getText())),
      ),
    );
  t.deepEqual(
    makers.map(({ file }) => file),
    [
      // Lines for a shell, not for a person.
      'commands/env/env.ts',
      // A failure of several lines.
      'commands/restore/recovery.ts',
    ],
  );
});

test('src/commands: an intent names its parameters, and takes no arguments over whole', (t) => {
  const strays = sources
    .filter(({ folder }) => folder === 'commands')
    .filter(({ tree }) =>
      some(
        tree,
        (node) =>
          ts.isObjectLiteralExpression(node) &&
          some(node, (one) => ts.isPropertyAssignment(one) && one.name.getText() === 'kind') &&
          some(
            node,
            (one) =>
              ts.isSpreadAssignment(one) && ['args', 'options'].includes(one.expression.getText()),
          ),
      ),
    );
  t.deepEqual(
    strays.map(({ file }) => file),
    [],
  );
});

const EFFECTS: ReadonlySet<string> = new Set([
  ...['console', 'fetch', 'globalThis', 'performance', 'process'],
  ...['Promise', 'randomBytes', 'randomInt', 'randomUUID', 'setInterval', 'setTimeout'],
]);

/** Where a file does what a planner must not: `file:line: what`. */
function impurities({ file, tree }: Source): readonly string[] {
  const found: string[] = [];
  const declared = new Set<string>();
  walk(tree, (node) => {
    if ((ts.isBindingElement(node) || ts.isParameter(node)) && ts.isIdentifier(node.name))
      declared.add(node.name.text);
  });
  walk(tree, (node) => {
    const impure =
      node.kind === ts.SyntaxKind.AsyncKeyword ||
      ts.isAwaitExpression(node) ||
      (ts.isIdentifier(node) &&
        EFFECTS.has(node.text) &&
        !declared.has(node.text) &&
        !namesProperty(node)) ||
      (ts.isPropertyAccessExpression(node) &&
        ['Date.now', 'Math.random'].includes(node.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length);
    if (!impure) return;
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${file}:${line + 1}: ${node.getText().split('\n')[0]}`);
  });
  return found;
}

function namesProperty({ parent, ...node }: ts.Identifier): boolean {
  return (
    (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) &&
    parent.name.pos === node.pos
  );
}

function some(tree: ts.Node, holds: (node: ts.Node) => boolean): boolean {
  let found = false;
  walk(tree, (node) => {
    found ||= holds(node);
  });
  return found;
}

/** Everything that can be got to from here, in any number of moves, without the start unless a way leads back to it. */
function reach(start: string, next: (from: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let from = open.pop(); from !== undefined; from = open.pop())
    for (const to of next(from))
      if (!reached.has(to)) {
        reached.add(to);
        open.push(to);
      }
  return reached;
}

function namesImported(tree: ts.SourceFile): readonly string[] {
  const names: string[] = [];
  walk(tree, (node) => {
    if (ts.isImportSpecifier(node)) names.push((node.propertyName ?? node.name).text);
  });
  return names;
}

function show({ file, target, typesOnly }: Import): string {
  return `${file} imports ${typesOnly ? 'types of ' : ''}${target}`;
}

function builtIn(target: string): boolean {
  return target.startsWith('node:');
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

test('scripts: what they take from what is built is exported there', async (t) => {
  const scripts = new URL('../scripts/', import.meta.url);
  const taken = await Promise.all(
    (await readdir(scripts)).map(async (script) => {
      const text = await readFile(new URL(script, scripts), 'utf8');
      const pattern = /\{([^{}]+)\} (?:= await import\(|from )'\.\.\/build\/([^']+)\.js'/g;
      return [...text.matchAll(pattern)].flatMap(([, names = '', path = '']) =>
        names.split(',').map((name) => ({ name: name.trim(), file: `${path}.ts` })),
      );
    }),
  );
  const missing = taken.flat().filter(({ name, file }) => {
    const source = sources.find((one) => one.file === file);
    return (
      source === undefined ||
      !new RegExp(`^export (async )?(function|const) ${name}\\b`, 'm').test(source.tree.text)
    );
  });
  t.true(taken.flat().length > 0);
  t.deepEqual(missing, []);
});
