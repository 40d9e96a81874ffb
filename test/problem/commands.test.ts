import test from 'ava';
import ts from 'typescript';
import { parserOf } from '../../src/commands/parser.ts';
import { Failure } from '../../src/failure/failure.ts';
import { readSources, type Source, walk } from '../imports.ts';

type Words = readonly string[];

/** What stands in a command for what is not written there as text: every way its place can be filled. */
const FILLED: Readonly<Record<string, readonly Words[]>> = {
  INVENTORY: [['a.yaml']],
  ...{ name: [['etcd01']], first: [['etcd01']], member: [['etcd01']] },
  ...{ 'host.name': [['etcd01']], 'away.name': [['etcd01']], "name ?? 'NAME'": [['etcd01']] },
  ...{ id: [['8e9e05c52164694d']], "status?.memberId ?? 'ID'": [['8e9e05c52164694d']] },
  ...{ serial: [['01ab']], row: [['server']], file: [['a.yaml']], to: [['http']] },
  '`--peer-urls=${peerUrl}`': [['--peer-urls=https://198.18.0.1:2380']],
  '...user': [[], ['--user', 'root']],
  '...which': [[], ['--member', 'etcd01']],
  '...flags': [[], ['--finish'], ['--consumers-ready'], ['--peer'], ['--split']],
  '...accepted': [['--accept-plaintext']],
  '...ofPeersAlone': [[], ['--peer']],
  '...removes': [['--remove', 'etcd01', '--remove', 'etcd02']],
  '...command': [
    ...[['up'], ['up', '--allow-downtime'], ['plan'], ['certs', 'rotate'], ['maintain', 'defrag']],
    ['certs', 'rotate', '--name', 'server', '--within', '30d', '--restart'],
    ['maintain', 'defrag', '--when', 'size > 1MB', '--member', 'etcd01'],
    ['snapshot', 'schedule', '--every', '2h', '--keep-last', '3'],
    ['maintain', 'schedule', '--every', '1d', '--when', 'size > 1MB'],
    ...[['snapshot'], ['maintain']].map((words) => [...words, 'schedule', '--remove']),
  ],
  // Only a reboot has any: the members that it names.
  '...operands': [[]],
  "away.join(',')": [['etcd01,etcd02']],
};

/** Files in which `...words` are those of one function's callers. */
const WORDS: Readonly<Record<string, readonly Words[]>> = {
  'pki/verify/certificate-remedies.ts': [[], ['--peer'], ['--abort'], ['--finish']],
  'diagnosis/cures.ts': [
    ['adopt', '--undo'],
    ['reboot'],
    ['maintain', 'defrag'],
    ['maintain', 'space'],
  ],
  'plan/switching/protocol.ts': [
    [],
    ['--via', 'live'],
    ['--via', 'snapshot'],
    ['--via', 'wipe'],
    ['--advertise'],
    ['--finish'],
  ],
  'snapshot/needs-user.ts': [
    ['--', '--user', 'root', 'snapshot', 'save', '/var/tmp/prod.db'],
    ['--', 'alarm', 'list'],
  ],
};

const sources = await readSources();

/** Every command that `provision(…)` makes, with its places filled. One that repeats what a host has recorded is not there. */
function commandsOf({ file, tree }: Source): readonly Words[] {
  const found: Words[] = [];
  walk(tree, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'provision') return;
    if (file === 'plan/restoring/unfinished-restore.ts' && node.arguments.length === 1) return;
    found.push(...product(node.arguments.map((one) => waysOf(one, file))));
  });
  return found;
}

function waysOf(argument: ts.Expression, file: string): readonly Words[] {
  if (ts.isStringLiteralLike(argument)) return [[argument.text]];
  if (ts.isConditionalExpression(argument))
    return [...waysOf(argument.whenTrue, file), ...waysOf(argument.whenFalse, file)];
  const text = argument.getText();
  return (text === '...words' ? WORDS[file] : FILLED[text]) ?? [[`what is ${text} in ${file}?`]];
}

function product(places: readonly (readonly Words[])[]): readonly Words[] {
  return places.reduce<readonly Words[]>(
    (begun, ways) => begun.flatMap((words) => ways.map((more) => [...words, ...more])),
    [[]],
  );
}

// Four need no file: `init` would write one, `adopt` would look for hosts, `print-defaults` and `lab list` would print.
const commands = new Map(
  sources
    .flatMap(commandsOf)
    .filter(
      (words) => !words.some((word) => ['init', 'adopt', 'print-defaults', 'lab'].includes(word)),
    )
    .map((words) => [words.join(' '), words]),
);

for (const [typed, words] of commands)
  test(`provision ${typed}: is taken by the command line`, async (t) => {
    const missing = await t.throwsAsync(async () => parserOf(words).parseAsync(), {
      instanceOf: Failure,
    });
    // Every word is understood, and the file it names is not there.
    t.regex(
      missing?.message ?? '',
      /(?:a|inventory)\.yaml.*no such file|client\.pem.*ENOENT|SNAPSHOT.*ENOENT/,
    );
  });

/** These tell of commands, or are not about a cluster: nothing in them is a remedy of a problem. */
const TELLING = ['commands/suggest-command.ts', 'inventory/', 'lab/', 'report/lab-text.ts'];

test('src: no text holds a command of ours that nobody checks', (t) => {
  const words =
    /\bprovision (?:up|plan|status|doctor|check|down|restore|migrate|history|etcdctl|env|lock|snapshot|certs)\b|\brun up\b/;
  const told = sources
    .filter(({ file }) => !TELLING.some((start) => file.startsWith(start)))
    .flatMap(({ file, tree }) => {
      const found: string[] = [];
      walk(tree, (node) => {
        const isText =
          ts.isStringLiteralLike(node) ||
          ts.isTemplateHead(node) ||
          ts.isTemplateMiddleOrTemplateTail(node);
        if (isText && words.test(node.text)) found.push(`${file}: ${node.text}`);
      });
      return found;
    });
  t.deepEqual(told, []);
});
