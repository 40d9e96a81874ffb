import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { CAUSES } from '../../../src/diagnosis/causes/causes.ts';
import { firstCause } from '../../../src/diagnosis/causes/classify.ts';
import { cures } from '../../../src/diagnosis/cures.ts';
import { lastTelling } from '../../../src/diagnosis/looks/evidence.ts';

const linesOf = (journal: readonly string[]) => journal.map((text) => ({ at: 0, text }));

// What etcd and systemd really said, recorded from each version: a situation, what is to be made of it, the journal.
const directory = new URL('journals/', import.meta.url);
const cases = readdirSync(directory).flatMap((file) =>
  readFileSync(new URL(file, directory), 'utf8')
    .split(/^(?=== )/m)
    .map((block) => {
      const [title = '', verdict = '', ...journal] = block.trimEnd().split('\n');
      return {
        title: `${file.replace('.txt', '')}: ${title.slice(3)}`,
        verdict: verdict.slice(3),
        journal,
      };
    }),
);

for (const { title, verdict, journal } of cases)
  test(`firstCause() of ${title}`, (t) => {
    const { kind, sentence } = firstCause(CAUSES, linesOf(journal), [], 'etcd01') ?? {};
    t.is(`${kind}: ${sentence}`, verdict);
  });

test('the recorded journals show every cause but those that only other versions of Go tell', (t) => {
  const shown = new Set(cases.map(({ verdict }) => verdict.split(':')[0]));
  const rest = new Set(CAUSES.map(({ name }) => name).filter((name) => !shown.has(name)));
  t.deepEqual([...rest], ['key-usage', 'pair', 'legacy-name']);
});

const expired = 'x509: certificate has expired or is not yet valid';
const look = (clockAhead: number, journal: readonly string[] = [expired]) => {
  const clocks = [
    { name: 'etcd01', clockAhead: 0 },
    { name: 'etcd02', clockAhead },
  ];
  return firstCause(CAUSES, linesOf(journal), clocks, 'etcd02');
};

test('firstCause() tells a wrong clock from an expired certificate', (t) => {
  t.deepEqual(look(0), {
    kind: 'expired',
    sentence: 'a certificate has expired or is not valid yet, though all clocks are right',
    evidence: [expired],
    next: [cures.up('etcd02', 'renews certificates')],
  });
  t.is(
    look(-10_800)?.sentence,
    "the clock of etcd02 is 3 h behind this machine's, so certificates look invalid",
  );
  t.is(
    look(3_000)?.sentence,
    "the clock of etcd02 is 50 min ahead of this machine's, so certificates look invalid",
  );
  t.deepEqual(look(-10_800)?.next, [
    cures.thenUp('set the clock of etcd02 (timedatectl set-ntp true)'),
  ]);
  t.is(look(299)?.sentence, look(0)?.sentence);
});

test('firstCause() takes the cause that explains most, from the newest line that shows it', (t) => {
  const journal = [
    'listen tcp 10.0.0.1:2380: bind: address already in use',
    'listen tcp 10.0.0.1:2379: bind: address already in use',
    'dial tcp 10.0.0.2:2380: connect: connection refused',
  ];
  const { sentence, evidence } = look(0, journal) ?? {};
  t.is(sentence, 'another process listens on 10.0.0.1:2379');
  t.deepEqual(evidence, journal.slice(0, 2));
});

test('firstCause() shows the words that tell of a line that is long', (t) => {
  const line = `{"caller":"${'x'.repeat(400)}","error":"${expired}","stacktrace":"${'y'.repeat(400)}"}`;
  const [shown = ''] = look(0, [line])?.evidence ?? [];
  t.true(shown.includes(expired));
  t.true(shown.startsWith('…') && shown.endsWith('…') && shown.length < 300, shown);
});

test('firstCause() says nothing when nothing is known, and lastTelling() gives the last lines', (t) => {
  t.is(look(0, []), undefined);
  const twelve = [...'abcdefghijkl'];
  t.is(look(0, twelve), undefined);
  t.deepEqual(lastTelling(twelve), twelve.slice(2));
});

test('firstCause() puts what the line says into the remedy too', (t) => {
  const { next } = look(0, ['open /data/x: permission denied']) ?? {};
  t.deepEqual(next, [
    cures.up('etcd02', 'gives data and keys to the account of etcd'),
    cures.byHand('if that is no help, see which directory above is closed to it: namei -l /data/x'),
  ]);
});
