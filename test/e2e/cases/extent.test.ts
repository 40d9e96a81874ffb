import test from 'ava';
import { sample } from './extent.ts';

const list = ['a', 'b', 'c', 'd', 'e'];
const days = Array.from({ length: 200 }, (_, day) => `day ${day}`);

test('sample: the same seed draws the same, in the order of the list', (t) => {
  for (const day of days) {
    const drawn = sample(list, 3, day);
    t.deepEqual(sample(list, 3, day), drawn);
    t.is(drawn.length, 3);
    t.deepEqual(
      drawn,
      list.filter((item) => drawn.includes(item)),
    );
  }
});

test('sample: over many days every case has its turn', (t) => {
  const seen = new Map(list.map((item) => [item, 0]));
  for (const day of days)
    for (const item of sample(list, 1, day)) seen.set(item, (seen.get(item) ?? 0) + 1);
  t.deepEqual(
    [...seen].filter(([, times]) => times < 15),
    [],
  );
});

test('sample: a short list is drawn whole', (t) => {
  t.deepEqual(sample(list, 9, 'any'), list);
});
