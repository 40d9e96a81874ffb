import test from 'ava';
import ts from 'typescript';
import { parserOf } from '../../src/commands/parser.ts';
import { CAUSES } from '../../src/diagnosis/causes/causes.ts';
import { cures } from '../../src/diagnosis/cures.ts';
import { Failure } from '../../src/failure/failure.ts';
import { INVENTORY, provision, type Remedy, remedy } from '../../src/problem/remedy.ts';
import { nextData } from '../../src/problem/render.ts';
import { readSources, walk } from '../imports.ts';

const sources = await readSources();
const UP = remedy`${provision('up', INVENTORY)}`;

/** Every remedy of a diagnosis: what a person reads, and what must be true before they do. */
const ROWS: Readonly<Record<keyof typeof cures, readonly [Remedy, string, readonly string[]]>> = {
  byHand: [cures.byHand('open that port'), 'open that port', []],
  thenUp: [cures.thenUp('mount it'), 'mount it; then provision up a.yaml', []],
  otherMachine: [
    cures.otherMachine('r1'),
    'if that machine is lost for good: put the address of another one into the inventory for r1, then: provision member replace a.yaml r1',
    ['othersAllAnswer r1'],
  ],
  up: [cures.up('r1', 'renews'), 'up renews: provision up a.yaml', ['upWouldAct r1']],
  openThenUp: [
    cures.openThenUp('r1'),
    'open the peer port in every firewall between them, both ways; then provision up a.yaml',
    ['upWouldAct r1'],
  ],
  onceReached: [
    cures.onceReached(UP, ['r1', 'r2']),
    'provision up a.yaml, once r1, r2 can be reached',
    [],
  ],
  refusedNow: [
    cures.refusedNow('r1: is masked', remedy`unmask it`),
    'up refuses now: r1: is masked; unmask it',
    [],
  ],
  refusedToo: [
    cures.refusedToo(remedy`move it away`, 'r1: is masked', remedy`unmask it`),
    'move it away; up refuses this too: r1: is masked; unmask it',
    [],
  ],
  andThen: [cures.andThen(remedy`unmask it`, UP), 'unmask it; then provision up a.yaml', []],
  plainUp: [cures.plainUp(), 'provision up a.yaml', []],
  formerVersion: [
    cures.formerVersion('r1'),
    'set etcd.version to what the other members run; then provision up a.yaml puts that program back on r1 and starts it; with the later version in etcd.version after that, provision up a.yaml has all members begin new logs first',
    ['othersAnswer r1'],
  ],
  formerProgram: [
    cures.formerProgram(),
    'if no member answers: on each host that says so start the version again that ran before (as up brings it: ls /opt/etcd; ln -sfn /opt/etcd/VERSION /opt/etcd/etcd; systemctl restart --no-block etcd), which reads this log; then provision up a.yaml with that one in etcd.version, and after that with the later one',
    [],
  ],
  start: [cures.start('etcd'), 'on that host: systemctl start --no-block etcd', []],
  enable: [
    cures.enable('etcd', ['r1', 'r2']),
    'systemctl enable etcd on r1, r2; provision up a.yaml does it too',
    [],
  ],
  readLog: [
    cures.readLog('r1', 'etcd'),
    'up would change nothing on r1 that it has not tried; see its log: journalctl --unit etcd --lines 50 on that host',
    [],
  ],
  bringTool: [
    cures.bringTool(),
    'up brings etcdctl again, without a restart: provision up a.yaml',
    [],
  ],
  bringProgram: [
    cures.bringProgram('3.5.30'),
    'up brings etcd 3.5.30 there again: provision up a.yaml',
    [],
  ],
  onePki: [
    cures.onePki(),
    'all members need certificates from one PKI store: provision up a.yaml from there',
    [],
  ],
  compareMembers: [
    cures.compareMembers(),
    'compare the list of members with the inventory: provision status a.yaml',
    [],
  ],
  whoSaysWhat: [
    cures.whoSaysWhat(),
    'peer URLs live in the members’ data: see provision status a.yaml for who says what',
    [],
  ],
  readLines: [
    cures.readLines(),
    'read these lines; if they do not help: provision status a.yaml',
    [],
  ],
  watchRun: [
    cures.watchRun(),
    'see whether it gives signs of life: provision lock status a.yaml',
    [],
  ],
  finishDown: [
    cures.finishDown(),
    'if the cluster is still to be stopped, type the same again, with --purge if it was given: provision down a.yaml',
    [],
  ],
  finishSwitch: [
    cures.finishSwitch('https'),
    'finish that: provision migrate a.yaml --to https --via snapshot; or see what up would do instead: provision plan a.yaml',
    [],
  ],
  finishPurge: [
    cures.finishPurge(),
    'if the cluster is still to be removed: provision down a.yaml --purge',
    [],
  ],
  finishRun: [
    cures.finishRun(),
    'see what is left: provision plan a.yaml; finish it: provision up a.yaml',
    [],
  ],
  disarm: [
    cures.disarm(),
    'compact, defragment one member after another, and disarm it: provision maintain space a.yaml',
    [],
  ],
  disarmOnly: [cures.disarmOnly(), 'disarm it: provision maintain alarms a.yaml --disarm', []],
  replace: [
    cures.replace('r1'),
    'the others hold its data: provision member replace a.yaml r1',
    ['othersAllAnswer r1'],
  ],
  replaceLost: [
    cures.replaceLost('r1'),
    'if r1 is lost for good: provision member replace a.yaml r1',
    ['othersAllAnswer r1'],
  ],
  keepOthers: [
    cures.keepOthers('r1'),
    'while r1 is away, keep the others running, and save what they hold: provision snapshot save a.yaml',
    ['othersAnswer r1'],
  ],
  startOthers: [
    cures.startOthers('r1'),
    'start the others first, which hold its data; leave the data directory of r1 as it is until they answer',
    ['othersCanStart r1'],
  ],
  restoreFromMember: [
    cures.restoreFromMember('r1'),
    'provision restore a.yaml --from-member r1',
    ['quorumIsLost', 'hasData r1'],
  ],
  restoreFromSnapshot: [
    cures.restoreFromSnapshot(),
    'look for disks that are not mounted; else restore a snapshot: provision restore a.yaml --from SNAPSHOT',
    ['quorumIsLost'],
  ],
  sameAgain: [
    cures.sameAgain(['maintain', 'space']),
    'if it is still wanted, type the same again, with what was given: provision maintain space a.yaml',
    [],
  ],
  afterThat: [cures.afterThat(), 'finish or undo that', []],
};

const data = ({ parts }: Remedy) => nextData([{ parts, requires: [] }], 'a.yaml');

for (const [name, [cure, text, requires]] of Object.entries(ROWS))
  test(`${name}: is said, and needs what it needs`, (t) => {
    t.deepEqual(
      data(cure).map((one) => one.do),
      [text],
    );
    t.deepEqual(
      cure.requires.map((one) =>
        'member' in one && one.member !== undefined ? `${one.kind} ${one.member}` : one.kind,
      ),
      requires,
    );
  });

const commands = new Map(
  Object.values(ROWS)
    .flatMap(([cure]) => data(cure))
    .flatMap((one) => one.commands)
    .map((words) => [words.join(' '), words]),
);
for (const [typed, [, ...words]] of commands)
  test(`${typed}: is taken by the command line, which then misses the inventory`, async (t) => {
    const error = await t.throwsAsync(parserOf(words).parseAsync(), { instanceOf: Failure });
    t.regex(error?.message ?? '', /^(?:a\.yaml|SNAPSHOT):? .*(?:no such file|ENOENT)/);
  });

test('CAUSES: each row has a remedy for the member that says it', (t) => {
  const told = CAUSES.map(({ next }) => next('r1').flatMap(data));
  t.true(told.every((one) => one.length > 0));
  t.deepEqual(
    told.flat().filter((one) => /member remove|--wipe|--purge|INVENTORY/.test(one.do)),
    [],
  );
});

test('src/diagnosis: every remedy is made in one table, and no text holds a command of ours', (t) => {
  const folders = sources.filter(({ folder }) => folder === 'diagnosis');
  const makers = folders.flatMap(({ file, tree }) => {
    let makes = false;
    walk(tree, (node) => {
      makes ||=
        (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'remedy') ||
        (ts.isPropertyAssignment(node) && node.name.getText() === 'requires');
    });
    return makes ? [file] : [];
  });
  t.deepEqual(makers, ['diagnosis/cures.ts']);
  const texts = folders.flatMap(({ file, tree }) => {
    const found: string[] = [];
    walk(tree, (node) => {
      if (
        ts.isStringLiteralLike(node) ||
        ts.isTemplateHead(node) ||
        ts.isTemplateMiddleOrTemplateTail(node)
      )
        if (
          /provision (?!made|wrote)[a-z]|INVENTORY|run up|up again|--wipe|member remove/.test(
            node.text,
          )
        )
          found.push(`${file}: ${node.text}`);
    });
    return found;
  });
  t.deepEqual(texts, []);
});
