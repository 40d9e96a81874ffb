import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { downRefusals } from '../../../src/plan/down.ts';
import { misdescribed } from '../../../src/plan/ownership/misdescribed.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, settled, UP, wanted } from '../facts.ts';

const three = wanted(3);
const whole = settled(three);
const restore = '/var/lib/provision/restore-etcd.service.json';
const log = '/var/lib/provision/etcd.incarnation';

for (const [path, of, sentence, next] of [
  [
    restore,
    'restore',
    `etcd02: ${restore} is empty; it should be the record of a restore that is not finished, or missing`,
    `see what it is: ls -ld ${restore} on etcd02; if provision status prod.yaml names no unfinished restore on another member, move it away: mv ${restore} ${restore}.found; else copy the record of that member to its place; then run the same command again`,
  ],
  [
    log,
    'log',
    `etcd02: ${log} is empty; it should be the record of the log that the member has`,
    `see what it is: ls -ld ${log} on etcd02; if etcd02 has kept its data, move it away: mv ${log} ${log}.found; then provision up prod.yaml records its log again`,
  ],
] as const)
  test(`strangeRecords() holds up, restore and a purge back: ${path}`, (t) => {
    const facts = but(whole, 'etcd02', () => ({ strangeRecords: [{ path, of, is: 'empty' }] }));
    for (const refusals of [
      planCluster(three, facts, UP).refusals,
      planCluster(three, facts, { ...UP, wipe: true }).refusals,
      misdescribed(three, facts),
      downRefusals(three, facts, true),
    ])
      t.deepEqual(
        refusals.map((one) => [one.about, one.sentence, nextText(one.next, 'prod.yaml')]),
        [[['etcd02'], sentence, next]],
      );
    t.deepEqual(downRefusals(three, facts, false), []);
  });
