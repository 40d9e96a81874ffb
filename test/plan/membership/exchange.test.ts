import test from 'ava';
import fc from 'fast-check';
import { exchanged } from '../../../src/plan/membership/exchange.ts';
import type { Leaving } from '../../../src/plan/membership/leaving.ts';

const leaving = (id: string, leads = false): Leaving => ({
  entry: { id, name: id, isLearner: false, peerUrls: [], clientUrls: [] },
  ...{ answers: true, leads },
});

const told = (order: ReturnType<typeof exchanged<string>>) =>
  order.map((one) => ('coming' in one ? `+${one.coming}` : `-${one.going.entry.id}`));

test('three machines for three others: one comes, one goes, the leader last', (t) => {
  const order = exchanged(['d', 'e', 'f'], [leaving('a', true), leaving('b'), leaving('c')], {
    ...{ now: 3, meant: 3 },
  });
  t.deepEqual(told(order), ['+d', '-b', '+e', '-c', '+f', '-a']);
});

test('a list that grows lets nobody go before it is larger than it is to be', (t) => {
  const order = exchanged(['d', 'e', 'f'], [leaving('a')], { now: 3, meant: 5 });
  t.deepEqual(told(order), ['+d', '+e', '+f', '-a']);
});

test('without newcomers those that leave go one after another', (t) => {
  t.deepEqual(told(exchanged([], [leaving('a', true), leaving('b')], { now: 5, meant: 3 })), [
    '-b',
    '-a',
  ]);
});

test('the list has never more than one member too many, and all come and go', (t) => {
  const size = fc.integer({ min: 0, max: 7 });
  fc.assert(
    fc.property(size, size, size, (staying, coming, going) => {
      const meant = staying + coming;
      let now = staying + going;
      const start = now;
      const order = exchanged(
        Array.from({ length: coming }, (_, at) => `n${at}`),
        Array.from({ length: going }, (_, at) => leaving(`o${at}`)),
        { now, meant },
      );
      for (const one of order) {
        now += 'coming' in one ? 1 : -1;
        if (now > Math.max(start, meant) + 1) return false;
      }
      return now === meant && order.length === coming + going;
    }),
  );
  t.pass();
});
