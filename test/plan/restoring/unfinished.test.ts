import test from 'ava';
import { bootstrapClusterId, bootstrapMemberId } from '../../../src/etcd/identity.ts';
import type { RestoreFact } from '../../../src/facts/data/restore.ts';
import type { RestoreIntent } from '../../../src/facts/data/restore-intent.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import type { UnfinishedRestore } from '../../../src/plan/restoring/half-restored.ts';
import { judgeUnfinished, type Verdict } from '../../../src/plan/restoring/unfinished.ts';
import { dataOf, settled, stopped, wanted } from '../facts.ts';

const NEW = 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd';
const OLDER = 'efefefefefefefefefefefefefefefef';
const BEGAN = '20261121T110000Z';

/**
 * A host by one letter: `f` holds the former data and knows of no restore; `i` the same, with an intent, and runs; `s`
 * the same, stopped; `m` neither, its former data lies aside; `r` restored data whose cluster never had a leader; `L`
 * restored data that had one; `A` restored data in a unit that is ready; `o` restored data of an older restore that had a
 * leader; `-` cannot be asked.
 */
function hosts(letters: string, begun: number = letters.length, isRecorded = true) {
  const desired = wanted(letters.length);
  const coming = wanted(begun);
  const urls = coming.members.map(({ peerUrl }) => peerUrl);
  const intent = (token: string): RestoreIntent => ({
    cluster: 'prod',
    token,
    clusterId: bootstrapClusterId(urls, token),
    snapshot: 'a'.repeat(64),
    bumpRevision: 0,
    ...(isRecorded && { members: urls }),
    began: BEGAN,
    ran: true,
    served: true,
  });
  const half = desired.members.flatMap(({ name }, at): readonly [string, UnfinishedRestore][] => {
    const found = settled(desired).members.get(name);
    const letter = letters[at] ?? '';
    if (found === undefined || letter === '-') return [];
    const token = letter === 'o' ? OLDER : NEW;
    const isRestored = 'rLAo'.includes(letter);
    const unit = 'smrLo'.includes(letter)
      ? stopped(found).unit
      : { ...found.unit, active: letter === 'A' ? 'active' : 'activating' };
    const data = isRestored ? dataOf(coming, name, token) : found.data;
    const facts: MemberFacts = {
      ...found,
      ...(unit && { unit }),
      data: letter === 'm' ? undefined : data,
    };
    const fact: RestoreFact = {
      intent: letter === 'f' ? undefined : intent(token),
      placed: isRestored
        ? { memberId: bootstrapMemberId(urls, token), clusterId: bootstrapClusterId(urls, token) }
        : undefined,
      led: 'Lo'.includes(letter),
      mounted: false,
      staged: undefined,
      asides: isRestored || letter === 'm' ? [BEGAN] : [],
    };
    return [[name, { facts, found: fact }]];
  });
  return { desired, half: new Map(half) };
}

const judged = test.macro((t, letters: string, kind: Verdict['kind']) => {
  for (const isRecorded of [true, false]) {
    const { desired, half } = hosts(letters, letters.length, isRecorded);
    t.is(judgeUnfinished(desired, half).kind, kind);
  }
});

for (const [letters, kind, why] of [
  ['fff', 'none', 'no host knows of a restore'],
  ['iii', 'untouched', 'all run on the former data'],
  ['iis', 'back', 'one was stopped'],
  ['rrr', 'back', 'all data changed places, nobody ever led'],
  ['mmm', 'back', 'killed between the two moves'],
  ['rrL', 'forward', 'one log shows a leader'],
  ['AAA', 'forward', 'it serves'],
  ['fAA', 'forward', 'it serves without one that was given another disk'],
  ['LL-', 'forward', 'two of three served, the third is lost'],
  ['rr-', 'back', 'a leader would have left an entry on one of two'],
  ['L--', 'forward', 'the others may hold what it acknowledged'],
  ['r--', 'unknown', 'two that cannot be asked could have served'],
  ['---', 'unknown', 'nobody can be asked'],
  ['ff-', 'none', 'two have gone back, the third will follow'],
  ['ffr', 'back', 'one comes back late, the others have gone back'],
  ['ffL', 'back', 'one comes back late, and what it saw was given up by most'],
  ['ffA', 'back', 'a ready unit alone is no quorum'],
  ['ffm', 'back', 'one comes back late, with its data half moved'],
  ['ffi', 'untouched', 'one comes back late that had only been told'],
  ['fir', 'back', 'killed while the former data was put back'],
  ['fLL', 'forward', 'killed while an undo put the first one back'],
  ['ooA', 'forward', 'most were restored, by whichever restore'],
  ['rrff', 'back', 'two of four are no quorum'],
  ['LLff', 'back', 'two of four are no quorum, whatever they saw'],
  ['LLf-', 'forward', 'three of four may have been'],
  ['rrr--', 'back', 'of five, three never had a leader'],
  ['rr---', 'unknown', 'of five, three cannot be asked'],
  ['r', 'back', 'a cluster of one, not started'],
  ['L', 'forward', 'a cluster of one that ran'],
] as const) {
  test(`judgeUnfinished: ${letters} is ${kind}: ${why}`, judged, letters, kind);
}

for (const [letters, begun, kind, why] of [
  [
    'LLfff',
    3,
    'forward',
    'two of the three that it was begun with served; two more were named since',
  ],
  ['Lffff', 3, 'back', 'one of the three cannot have served, whoever was named since'],
  ['rrfff', 3, 'back', 'two of the three never had a leader'],
  ['LL-ff', 3, 'forward', 'the third of three is not needed'],
  ['fL', 3, 'forward', 'one served, and one that is not named any more may have its data'],
  ['ff', 3, 'none', 'nobody that is named knows of it'],
  ['Lff', 5, 'forward', 'one served, and two of five are not named any more'],
  ['fir', 5, 'back', 'of five, two are not named any more: no quorum without a leader'],
  ['ir', 5, 'unknown', 'of five, three are not named any more and may have served'],
] as const)
  test(`judgeUnfinished: ${letters} of a restore to ${begun} is ${kind}: ${why}`, (t) => {
    const { desired, half } = hosts(letters, begun);
    t.is(judgeUnfinished(desired, half).kind, kind);
  });

test('judgeUnfinished: where another inventory began it and did not record its members, one that saw a leader is enough', (t) => {
  for (const [letters, kind] of [
    ['Lffff', 'forward'],
    ['rffff', 'back'],
    ['iffff', 'untouched'],
  ] as const) {
    const { desired, half } = hosts(letters, 3, false);
    t.is(judgeUnfinished(desired, half).kind, kind, letters);
  }
});
