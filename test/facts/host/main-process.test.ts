import test from 'ava';
import { mainProcessFact, ofOneMoment } from '../../../src/facts/host/main-process.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { but, hanging, type SeenFacts, settled, UP, wanted } from '../../plan/facts.ts';

const desired = wanted();

function third({ members }: SeenFacts): MemberFacts {
  const found = members.get('etcd03');
  if (found === undefined) throw new TypeError('no etcd03');
  return found;
}

test('mainProcessFact() reads the number of the process', (t) => {
  const { read } = mainProcessFact('etcd');
  const pid = (stdout: string) => read({ exitCode: 0, stdout });
  t.deepEqual([pid('MainPID=4797\n'), pid('MainPID=0\n'), pid('')], [4797, 0, 0]);
});

test('ofOneMoment() leaves a look alone whose process stayed', (t) => {
  const seen = third(settled(desired));
  t.is(ofOneMoment(seen, seen.unit.pid), seen);
});

/** The refusals of `up` where the process of etcd03 was another one at the end of the look. */
const refused = (facts: SeenFacts, last: number) =>
  planCluster(
    desired,
    but(facts, 'etcd03', (found) => ofOneMoment(found, last)),
    UP,
  ).refusals.map(({ sentence }) => sentence);

// What a look at a crash loop found: the process of the first question had ended before its version was asked.
const crashing = but(settled(desired), 'etcd03', (found) => ({
  ...hanging(found),
  unit: {
    ...found.unit,
    ...{ active: 'activating', sub: 'start' },
    process: { executable: '/usr/lib/systemd/systemd', account: 'root', environment: new Map() },
  },
  program: { ...found.program, running: undefined },
}));

test('ofOneMoment() has nothing refused for a process that has gone during the look', (t) => {
  const { pid } = third(crashing).unit;
  t.not(refused(crashing, pid).length, 0);
  t.deepEqual(refused(crashing, 0), []);
  t.deepEqual(refused(crashing, 4797), []);
});

test('ofOneMoment() has no port taken by the process that came during the look', (t) => {
  const came = but(settled(desired), 'etcd03', (found) => ({
    ...hanging(found),
    unit: { ...found.unit, active: 'activating', pid: 0, startedAt: undefined, process: undefined },
  }));
  const [listener] = third(came).listeners;
  t.not(refused(came, 0).length, 0);
  t.deepEqual(refused(came, listener?.pid ?? 0), []);
});
