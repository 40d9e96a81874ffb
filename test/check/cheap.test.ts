import test from 'ava';
import { cheapFindings } from '../../src/check/cheap.ts';
import { but, NOW, type SeenFacts, settled, wanted } from '../plan/facts.ts';

const desired = wanted();
const DAY = 86_400_000;

/** The facts, seen so many days later by every clock. */
function after(facts: SeenFacts, days: number): SeenFacts {
  const now = new Date(NOW.getTime() + days * DAY);
  return { ...facts, now };
}

function unfit(facts: SeenFacts): readonly string[] {
  return cheapFindings(desired, facts)
    .filter(({ severity }) => severity !== 'pass')
    .map(({ about, kind, severity, sentence }) => `${severity} ${about} ${kind}: ${sentence}`);
}

test('cheapFindings() finds nothing in a cluster that is as it should be', (t) => {
  t.deepEqual(unfit(after(settled(desired), 0)), []);
  t.is(cheapFindings(desired, settled(desired)).length, 12);
});

test('cheapFindings() does not stand in the way of renewing what has expired', (t) => {
  t.deepEqual(unfit(after(settled(desired), 400)), []);
});

test('cheapFindings() fails a host whose clock makes valid certificates look expired', (t) => {
  const ahead = but(after(settled(desired), 0), 'etcd02', () => ({
    clock: { ahead: 400 * 86_400, doubt: 0.1 },
  }));
  t.deepEqual(unfit(ahead), [
    "fail etcd02 clock: 400 days ahead of this machine's: certificates have expired there",
  ]);
});

test('cheapFindings() fails a host where certificates still to be issued would not be valid yet', (t) => {
  const facts = after(settled(desired), 0);
  const missing = { ...facts, store: { ...facts.store, certificates: new Map() } };
  const behind = but(missing, 'etcd03', () => ({
    clock: { ahead: -1200, doubt: 0.1 },
  }));
  t.deepEqual(unfit(behind), [
    "fail etcd03 clock: 20 min behind this machine's: certificates are not valid there yet, members would refuse each other",
  ]);
});

test('cheapFindings() says of a clock only by how much it is off for certain', (t) => {
  const seen = (ahead: number, doubt: number) =>
    unfit(but(after(settled(desired), 0), 'etcd01', () => ({ clock: { ahead, doubt } })));
  t.deepEqual(seen(-5.9, 5.9), []);
  t.deepEqual(seen(-5.9, 0.2), ["warn etcd01 clock: 5.9 s behind this machine's"]);
});
