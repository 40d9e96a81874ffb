import test from 'ava';
import ts from 'typescript';
import { parserOf } from '../../../src/commands/parser.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { Failure } from '../../../src/failure/failure.ts';
import { onHost } from '../../../src/plan/lane.ts';
import { planOf } from '../../../src/plan/make-plan.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { remedies } from '../../../src/plan/refusing/remedies.ts';
import { situationOf } from '../../../src/plan/refusing/situation.ts';
import { INVENTORY, offered, type Remedy } from '../../../src/problem/remedy.ts';
import { nextData, nextText } from '../../../src/problem/render.ts';
import { readSources, walk } from '../../imports.ts';
import {
  bare,
  but,
  butAll,
  dataOf,
  emptyData,
  type SeenFacts,
  settled,
  stopped,
  wanted,
} from '../facts.ts';

/** Texts of the sources that a person may take for advice, without comments. */
const texts = (await readSources()).flatMap(({ file, tree }) => {
  const found: { readonly file: string; readonly text: string }[] = [];
  walk(tree, (node) => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    )
      found.push({ file, text: node.text });
  });
  return found;
});

const three = wanted();
const answering = settled(three);
const off = butAll(answering, stopped);
const empty = bare(three);
const hung: MemberFacts['data'] = { ...dataOf(three, 'etcd01'), wasLed: false };
/** The list that etcd holds without etcd02. */
const removed = butAll(answering, ({ etcd }) => ({
  etcd: {
    ...etcd,
    members: etcd.members && {
      ...etcd.members,
      members: etcd.members.members.filter(({ name }) => name !== 'etcd02'),
    },
  },
}));
const third = { name: 'etcd03', id: 'b369b8bf19815147' };
const lost = { data: emptyData };

const without = (facts: SeenFacts, ...names: readonly string[]): SeenFacts => ({
  ...facts,
  members: new Map([...facts.members].filter(([name]) => !names.includes(name))),
});

const plan = (kind: 'start-unit' | 'nothing'): Plan =>
  planOf(three, [
    {
      title: 'start',
      lanes:
        kind === 'nothing'
          ? []
          : [onHost('etcd01', [{ kind, unit: 'etcd', because: 'it does not run' }])],
      gate: [],
      undo: [],
    },
  ]);

interface State {
  readonly facts: SeenFacts;
  readonly up?: Plan;
  readonly failed?: Plan;
}

interface Row {
  readonly remedy: Remedy;
  /** Where it is offered. */
  readonly holds: State;
  /** Where it is not, each with what is said instead; nothing where no harm can come of it. */
  readonly withheld: readonly (readonly [State, string | undefined])[];
}

/** Every remedy there is, with a state where it holds and those where it does not. */
const ROWS: Readonly<Record<keyof typeof remedies, Row>> = {
  up: {
    remedy: remedies.up(),
    holds: { facts: off, up: plan('start-unit') },
    withheld: [
      [{ facts: off, up: plan('nothing') }, undefined],
      [{ facts: off, up: plan('start-unit'), failed: plan('start-unit') }, undefined],
      [{ facts: off }, 'see what up would do: provision plan INVENTORY'],
    ],
  },
  doctor: { remedy: remedies.doctor(), holds: { facts: off }, withheld: [] },
  withoutLimit: {
    remedy: remedies.withoutLimit(['etcd02']),
    holds: { facts: off },
    withheld: [],
  },
  goOnBeside: {
    remedy: remedies.goOnBeside(['up'], ['etcd03']),
    holds: { facts: without(answering, 'etcd03') },
    withheld: [
      [{ facts: answering }, undefined],
      [{ facts: without(off, 'etcd03') }, undefined],
      // Etcd02 would join, which etcd03 would have to know.
      [{ facts: without(removed, 'etcd03') }, undefined],
      [
        { facts: without(off, 'etcd02', 'etcd03') },
        'find out whether the members beside etcd03 answer, and find out whether the inventory has the members that etcd lists',
      ],
    ],
  },
  leaveOut: { remedy: remedies.leaveOut('etcd04'), holds: { facts: answering }, withheld: [] },
  joinByUp: {
    remedy: remedies.joinByUp('etcd04'),
    holds: { facts: answering },
    withheld: [
      [{ facts: but(answering, 'etcd02', stopped) }, undefined],
      [{ facts: without(answering, 'etcd02') }, 'find out whether all members answer'],
      [{ facts: off }, 'find out whether all members answer'],
    ],
  },
  voteByUp: {
    remedy: remedies.voteByUp('etcd04'),
    holds: { facts: answering },
    withheld: [
      [{ facts: but(answering, 'etcd02', stopped) }, undefined],
      [{ facts: off }, 'find out whether all members answer'],
    ],
  },
  // What it would lead to is decided, and refused, by the `up` that it names.
  moveByUp: { remedy: remedies.moveByUp(['etcd02']), holds: { facts: answering }, withheld: [] },
  nameStranger: {
    remedy: remedies.nameStranger({ name: 'etcd09', peerUrls: ['https://198.18.0.19:2380'] }),
    holds: { facts: answering },
    withheld: [],
  },
  removeByUp: {
    remedy: remedies.removeByUp([third], { members: [] }),
    // Out of the inventory, it was not asked; or it was, and does not answer.
    holds: { facts: without(answering, 'etcd03') },
    withheld: [
      [{ facts: answering }, undefined],
      [{ facts: but(without(answering, 'etcd03'), 'etcd02', stopped) }, undefined],
      [{ facts: without(answering, 'etcd03', 'etcd02') }, undefined],
      [{ facts: off }, undefined],
    ],
  },
  nameInInventory: {
    remedy: remedies.nameInInventory(),
    holds: { facts: answering },
    withheld: [],
  },
  renameByUp: {
    remedy: remedies.renameByUp(['etcd02']),
    holds: { facts: answering },
    withheld: [],
  },
  seeEntries: { remedy: remedies.seeEntries(), holds: { facts: answering }, withheld: [] },
  saveEach: { remedy: remedies.saveEach('etcd01'), holds: { facts: answering }, withheld: [] },
  saveOf: { remedy: remedies.saveOf(['etcd01']), holds: { facts: answering }, withheld: [] },
  compare: { remedy: remedies.compare(), holds: { facts: answering }, withheld: [] },
  disarmFormer: {
    remedy: remedies.disarmFormer(),
    holds: { facts: answering },
    withheld: [[{ facts: but(answering, 'etcd02', stopped) }, undefined]],
  },
  replaceCorrupt: {
    remedy: remedies.replaceCorrupt('etcd02', 'same'),
    holds: { facts: answering },
    withheld: [
      [{ facts: but(answering, 'etcd01', stopped) }, undefined],
      [{ facts: off }, undefined],
    ],
  },
  replaceCopy: {
    remedy: remedies.replaceCopy('etcd02'),
    holds: { facts: but(answering, 'etcd02', stopped) },
    withheld: [
      [{ facts: but(answering, 'etcd01', stopped) }, undefined],
      [{ facts: off }, undefined],
    ],
  },
  replaceAllTheSame: {
    remedy: remedies.replaceAllTheSame('etcd02'),
    holds: { facts: answering },
    withheld: [
      [{ facts: but(answering, 'etcd01', stopped) }, undefined],
      [{ facts: off }, undefined],
    ],
  },
  listAlarms: { remedy: remedies.listAlarms(), holds: { facts: answering }, withheld: [] },
  mountDisk: { remedy: remedies.mountDisk('etcd02'), holds: { facts: off }, withheld: [] },
  mountOwnDisk: { remedy: remedies.mountOwnDisk('etcd02'), holds: { facts: off }, withheld: [] },
  acceptLog: {
    remedy: remedies.acceptLog('etcd01', '/var/lib/provision/etcd.incarnation'),
    holds: { facts: answering },
    withheld: [
      [{ facts: but(answering, 'etcd02', stopped) }, undefined],
      [{ facts: without(answering, 'etcd02') }, 'find out whether all members answer'],
    ],
  },
  giveAddressesBack: {
    remedy: remedies.giveAddressesBack(['198.18.0.11']),
    holds: { facts: off },
    withheld: [],
  },
  restoreElsewhere: {
    remedy: remedies.restoreElsewhere('etcd01'),
    holds: { facts: off },
    withheld: [
      [{ facts: but(off, 'etcd01', () => lost) }, undefined],
      [{ facts: without(off, 'etcd01') }, 'find out whether etcd01 still has its data'],
    ],
  },
  restoreFromMember: {
    remedy: remedies.restoreFromMember('etcd01'),
    holds: {
      facts: but(
        but(off, 'etcd02', () => lost),
        'etcd03',
        () => lost,
      ),
    },
    withheld: [
      // A cluster that answers, or that can be started, is not to be made again.
      [{ facts: but(answering, 'etcd02', stopped) }, undefined],
      [{ facts: but(off, 'etcd02', () => lost) }, undefined],
      [{ facts: butAll(off, () => lost) }, undefined],
      [{ facts: without(off, 'etcd02') }, 'find out how many members still have their data'],
    ],
  },
  keepOthers: {
    remedy: remedies.keepOthers('etcd02'),
    holds: { facts: but(answering, 'etcd02', stopped) },
    withheld: [
      [{ facts: off }, undefined],
      [{ facts: without(off, 'etcd01') }, 'find out whether the members beside etcd02 answer'],
    ],
  },
  replaceMember: {
    remedy: remedies.replaceMember('etcd02'),
    holds: { facts: but(answering, 'etcd02', stopped) },
    withheld: [
      // One more that is out of the list is one more that all others need.
      [{ facts: but(but(answering, 'etcd02', stopped), 'etcd03', stopped) }, undefined],
      [
        { facts: without(but(answering, 'etcd02', stopped), 'etcd03') },
        'find out whether all members beside etcd02 answer',
      ],
      [{ facts: off }, undefined],
    ],
  },
  replaceAnswering: {
    remedy: remedies.replaceAnswering('etcd02', 'its disk is damaged'),
    holds: { facts: answering },
    withheld: [
      [{ facts: but(answering, 'etcd03', stopped) }, undefined],
      [
        { facts: without(answering, 'etcd03') },
        'find out whether all members beside etcd02 answer',
      ],
    ],
  },
  addWithoutData: {
    remedy: remedies.addWithoutData('etcd02'),
    holds: { facts: but(removed, 'etcd02', stopped) },
    withheld: [
      // One that is added counts as down: beside another that is, it takes the quorum away.
      [{ facts: but(but(removed, 'etcd02', stopped), 'etcd03', stopped) }, undefined],
      [{ facts: but(answering, 'etcd02', stopped) }, undefined],
      [{ facts: off }, undefined],
      [
        { facts: without(off, 'etcd01') },
        'find out whether the members beside etcd02 answer, and find out whether all members answer',
      ],
      [{ facts: without(removed, 'etcd03') }, 'find out whether all members answer'],
    ],
  },
  startWithoutData: {
    remedy: remedies.startWithoutData('etcd02'),
    holds: { facts: but(answering, 'etcd02', stopped) },
    withheld: [
      [{ facts: off }, undefined],
      [{ facts: without(off, 'etcd01') }, 'find out whether all members beside etcd02 answer'],
    ],
  },
  startOthers: {
    remedy: remedies.startOthers('etcd02', 'etcd', ['etcd01', 'etcd03']),
    holds: { facts: but(off, 'etcd02', () => lost) },
    withheld: [
      [{ facts: but(off, 'etcd01', () => lost) }, undefined],
      [{ facts: but(answering, 'etcd02', stopped) }, undefined],
    ],
  },
  startWithout: {
    remedy: remedies.startWithout('etcd02', ['etcd01', 'etcd03']),
    holds: { facts: but(off, 'etcd02', () => lost) },
    withheld: [
      [{ facts: but(off, 'etcd01', () => lost) }, undefined],
      [{ facts: but(answering, 'etcd02', stopped) }, undefined],
    ],
  },
  wipe: {
    remedy: remedies.wipe(),
    holds: { facts: empty },
    withheld: [
      [{ facts: answering }, undefined],
      [{ facts: off }, undefined],
      // One member's keys are keys, be they only half seen, or its log only.
      [{ facts: but(empty, 'etcd03', () => ({ data: dataOf(three, 'etcd03') })) }, undefined],
      [
        {
          facts: but(empty, 'etcd03', () => ({
            data: { ...dataOf(three, 'etcd03'), wal: undefined, wasLed: undefined },
          })),
        },
        undefined,
      ],
      [{ facts: but(empty, 'etcd03', ({ unit }) => ({ unit: { ...unit, pid: 7 } })) }, undefined],
      [{ facts: without(empty, 'etcd03') }, 'find out whether any member still has keys'],
    ],
  },
  seeWhoAnswers: { remedy: remedies.seeWhoAnswers(), holds: { facts: off }, withheld: [] },
  putInventoryBack: { remedy: remedies.putInventoryBack(), holds: { facts: off }, withheld: [] },
};

for (const [name, { remedy, holds, withheld }] of Object.entries(ROWS)) {
  test(`${name}: is offered where it does no harm`, (t) => {
    const situation = situationOf(three, holds.facts, holds);
    t.deepEqual(offered([remedy], situation), [{ parts: remedy.parts, requires: [] }]);
  });

  if (remedy.requires.length === 0) continue;
  test(`${name}: is withheld where it could do harm`, (t) => {
    t.deepEqual(
      withheld.map(([{ facts, ...plans }]) => {
        const left = offered([remedy], situationOf(three, facts, plans));
        return left.length === 0 ? undefined : nextText(left);
      }),
      withheld.map(([, instead]) => instead),
    );
    t.true(withheld.length > 0);
  });
}

test('goOnBeside: beside one that is to move no change is offered, and housekeeping is', (t) => {
  const moved = wanted(3, { etcd: { version: '3.5.30', ports: { peer: 2390 } } });
  const situation = situationOf(moved, without(answering, 'etcd03'));
  const isOffered = (...command: readonly string[]) =>
    offered([remedies.goOnBeside(command, ['etcd03'])], situation).length === 1;
  t.deepEqual([isOffered('up'), isOffered('maintain', 'defrag')], [false, true]);
});

test('wipe: is offered to a first start that never had a leader', (t) => {
  const facts = butAll(empty, () => ({ data: hung }));
  t.is(offered([remedies.wipe()], situationOf(three, facts)).length, 1);
});

test('removeByUp: names by its id who has the name of a member of the inventory', (t) => {
  const stranger = { ...third, name: 'etcd01' };
  const named = remedies.removeByUp([stranger], three);
  t.deepEqual(named.parts.at(-1), {
    provision: ['up', INVENTORY, '--remove', third.id],
  });
  t.deepEqual(remedies.removeByUp([stranger], { members: [] }).parts.at(-1), {
    provision: ['up', INVENTORY, '--remove', 'etcd01'],
  });
});

test('one remedy takes a member out of the cluster, by up, which asks again, and only one gives data up', (t) => {
  const texts = Object.entries(ROWS).map(([name, { remedy }]) => {
    const [text] = nextData([{ parts: remedy.parts, requires: [] }], 'a.yaml');
    return [name, text?.do ?? ''] as const;
  });
  const those = (pattern: RegExp) =>
    texts.flatMap(([name, text]) => (pattern.test(text) ? [name] : []));
  t.deepEqual(those(/member remove/), []);
  t.deepEqual(those(/--remove/), ['removeByUp']);
  t.deepEqual(those(/--wipe|--purge/), ['wipe']);
});

const commands = new Map(
  Object.values(ROWS)
    .flatMap(({ remedy }) => nextData([{ parts: remedy.parts, requires: [] }], 'a.yaml'))
    .flatMap((one) => one.commands)
    .map((words) => [words.join(' '), words]),
);

for (const [typed, [, ...words]] of commands)
  test(`${typed}: is taken by the command line, which then misses the inventory`, async (t) => {
    const error = await t.throwsAsync(parserOf(words).parseAsync(), { instanceOf: Failure });
    t.regex(error?.message ?? '', /a\.yaml: cannot be read|a\.yaml.*no such file|a\.yaml: /);
  });

test('src: no text tells anybody to remove a member, or to give data up', (t) => {
  // The example in the help of our own command, which lets nobody go whom the quorum needs, is no advice.
  const told = texts.filter(({ text }) =>
    /member remove(?!-stranger inventory\.yaml)|remove the member|up --wipe|--wipe \(|add it anew/.test(
      text,
    ),
  );
  t.deepEqual(told, []);
});
