import test from 'ava';
import { planRotation } from '../../../src/plan/certificates/rotate.ts';
import { planCaRotation } from '../../../src/plan/certificates/rotate-ca.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { but, type SeenFacts, settled, UP, wanted } from '../facts.ts';

const desired = wanted();
const HOUR = 3600;
const ROTATION = {
  ...{ member: undefined, name: undefined, withinDays: undefined },
  ...{ restart: false, allowDowntime: false },
};
const CA = { consumersReady: false, allowDowntime: false };

/** The clocks of these members so many seconds ahead of this machine's. */
function ahead(seconds: Readonly<Record<string, number>>, service?: string): SeenFacts {
  const facts = settled(desired);
  const members = [...facts.members].map(([name, found]) => {
    const clock = { ahead: seconds[name] ?? 0, doubt: 0.01 };
    const timeService = service === undefined ? {} : { timeService: service };
    return [name, { ...found, clock, machine: { ...found.machine, ...timeService } }] as const;
  });
  return { ...facts, members: new Map(members) };
}

const refused = (facts: SeenFacts) =>
  planRotation(desired, facts, ROTATION).refusals.map(({ sentence }) => sentence);

test('clocks that agree within five minutes issue', (t) => {
  t.deepEqual(refused(ahead({ etcd01: 299, etcd02: -299 })), []);
});

test('a difference that may be the time of the look issues', (t) => {
  const facts = ahead({ etcd02: -310 });
  t.is(refused(facts).length, 1);
  t.deepEqual(refused(but(facts, 'etcd02', () => ({ clock: { ahead: -310, doubt: 15 } }))), []);
});

test("this machine's clock is named where all hosts agree with each other", (t) => {
  const all = (seconds: number) => ahead({ etcd01: seconds, etcd02: seconds + 9, etcd03: seconds });
  t.deepEqual(refused(all(-48 * HOUR)), [
    "this machine's clock (2026-11-21T12:00:00Z) is 2 days ahead of the clocks of etcd01, etcd02, etcd03, which agree; certificates dated by it would be wrong there",
  ]);
  t.deepEqual(refused(all(10 * 60)), [
    "this machine's clock (2026-11-21T12:00:00Z) is 10 min behind the clocks of etcd01, etcd02, etcd03, which agree; certificates dated by it would be wrong there",
  ]);
});

test('hosts are named that differ, and whether a time service runs there', (t) => {
  t.deepEqual(refused(ahead({ etcd02: 3 * HOUR })), [
    "etcd02: its clock is 3 h ahead of this machine's (2026-11-21T12:00:00Z); certificates issued now would be judged by a wrong date",
  ]);
  t.deepEqual(refused(ahead({ etcd02: -3 * HOUR, etcd03: 26 * HOUR }, '')), [
    "etcd02: its clock is 3 h behind this machine's (2026-11-21T12:00:00Z), and no time service runs there; certificates issued now would be judged by a wrong date",
    "etcd03: its clock is 26 h ahead of this machine's (2026-11-21T12:00:00Z), and no time service runs there; certificates issued now would be judged by a wrong date",
  ]);
  t.regex(refused(ahead({ etcd01: HOUR }, 'chrony')).join(), /although chrony runs there/);
});

test('what issues nothing is not refused for clocks', (t) => {
  t.deepEqual(planCluster(desired, ahead({ etcd02: 3 * HOUR }), UP), {
    ...{ cluster: 'prod', waves: [], refusals: [] },
  });
});

test('a new CA is not made by a clock that differs', (t) => {
  const { waves, refusals } = planCaRotation(desired, ahead({ etcd02: 3 * HOUR }), CA);
  t.deepEqual(waves, []);
  t.is(refusals.length, 1);
});
