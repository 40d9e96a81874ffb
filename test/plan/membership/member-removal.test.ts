import test from 'ava';
import { removalProblem, removedMembers } from '../../../src/plan/membership/member-removal.ts';
import { nextText } from '../../../src/problem/render.ts';

const ID = '00000000000000aa';

for (const [line, ...ids] of [
  ['member remove aa', ID],
  ['member remove 00000000000000AA', ID],
  ['--user root:x member remove aa', ID],
  ['member --user root remove aa', ID],
  ['member remove -w json aa', ID],
  ['member remove --write-out=json aa', ID],
  ['member remove --user root --password 1234 aa', '0000000000001234', ID],
  ['member list'],
  ['member remove'],
  ['member remove ghost'],
  ['member add remove --peer-urls=http://a:2380'],
  ['put remove member'],
  ['get member'],
  ['role remove aa'],
] as const)
  test(`removedMembers: ${line}`, (t) => t.deepEqual(removedMembers(line.split(' ')), ids));

/** A member by one letter each: `a` answers, `d` does not, `l` is a learner that answers, `n` never started. */
function cluster(letters: string) {
  const list = [...letters].map((letter, at) => ({
    id: `${at + 1}`.padStart(16, '0'),
    name: letter === 'n' ? '' : `r${at + 1}`,
    peerUrls: [`https://r${at + 1}:2380`],
    clientUrls: letter === 'n' ? [] : [`https://r${at + 1}:2379`],
    isLearner: letter === 'l',
  }));
  const up = list.filter((_, at) => 'al'.includes(letters[at] ?? ''));
  return { list, answering: new Set(up.map(({ id }) => id)) };
}

const FORCE =
  'leave it in; if it is to leave the cluster although it answers: add --force before the --';
const FIRST = 'leave it in, and bring the others back first: provision doctor p.yaml';
const WHY = 'provision doctor p.yaml says why, and what to do';

for (const [letters, at, sentence, next] of [
  ['aad', 3, undefined, undefined],
  ['aaan', 4, undefined, undefined],
  ['aaadd', 5, undefined, undefined],
  ['aaa', 9, undefined, undefined],
  [
    'aaa',
    1,
    'member 0000000000000001 (r1) answers, so it is not lost; without it 2 of 2 must answer, 2 do, none may fail',
    FORCE,
  ],
  [
    'aal',
    3,
    'member 0000000000000003 (r3) answers, so it is not lost; without it 2 of 2 must answer, 2 do, none may fail',
    FORCE,
  ],
  [
    'aad',
    1,
    'member 0000000000000001 (r1) is needed: without it 2 of 2 must answer, 1 does: no quorum',
    FIRST,
  ],
  [
    'aaadd',
    2,
    'member 0000000000000002 (r2) is needed: without it 3 of 4 must answer, 2 do: no quorum',
    FIRST,
  ],
  [
    'add',
    3,
    'member 0000000000000003 (r3) must not be removed now: 2 of 3 must answer, 1 does: no quorum',
    WHY,
  ],
  [
    'an',
    2,
    'member 0000000000000002 must not be removed now: 2 of 2 must answer, 1 does: no quorum',
    WHY,
  ],
  [
    '',
    1,
    'members must not be removed now: none that answers tells who they are, so who is needed cannot be told',
    WHY,
  ],
] as const)
  test(`removalProblem: ${letters || 'nobody'}, number ${at}: ${sentence === undefined ? 'goes' : 'stays'}`, (t) => {
    const { list, answering } = cluster(letters);
    const problem = removalProblem(`${at}`.padStart(16, '0'), list, answering);
    t.is(problem?.sentence, sentence);
    t.is(problem && nextText(problem.next, 'p.yaml'), next);
  });

test('removalProblem: a member that may answer is left in, and is not counted on', (t) => {
  const { list, answering } = cluster('aaad');
  const id = '4'.padStart(16, '0');
  t.is(
    removalProblem(id, list, answering, new Set([id]))?.sentence,
    'member 0000000000000004 (r4) may be alive: something answers at its client URL; without it 2 of 3 must answer, 3 do, 1 may fail',
  );
  const two = cluster('aadd');
  const third = new Set(['3'.padStart(16, '0')]);
  t.regex(
    removalProblem(id, two.list, two.answering, third)?.sentence ?? '',
    /must not be removed now: 3 of 4 must answer, 2 do: no quorum$/,
  );
});

// All lists of up to five members: what goes leaves a quorum of members that answer, and nobody who answers goes.
test('removalProblem: a member that may go leaves a quorum behind', (t) => {
  const kinds = ['a', 'd', 'l', 'n'];
  let letters: readonly string[] = [''];
  let gone = 0;
  for (let size = 1; size <= 5; size += 1) {
    letters = letters.flatMap((head) => kinds.map((kind) => head + kind));
    for (const all of letters)
      for (let at = 0; at < size; at += 1) {
        const { list, answering } = cluster(all);
        const one = list[at];
        if (one === undefined || removalProblem(one.id, list, answering) !== undefined) continue;
        gone += 1;
        t.false(answering.has(one.id), `${all} ${at}`);
        const voters = list.filter(({ id, isLearner }) => id !== one.id && !isLearner);
        const up = voters.filter(({ id }) => answering.has(id)).length;
        t.true(up * 2 > voters.length, `${all} ${at}`);
      }
  }
  t.true(gone > 100, `${gone}`);
});
