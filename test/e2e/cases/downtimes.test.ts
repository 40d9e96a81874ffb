import test from 'ava';
import { describeCluster } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { downtimes, downtimesOf, oneAtATime, together } from '../observer/downtimes.ts';
import { said } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

test('downtimesOf() begins with a stop or an exit, and ends when etcd is ready', (t) => {
  const happened = [
    ...[{ at: 1, what: 'stops' } as const, { at: 2, what: 'exited' } as const],
    ...[{ at: 3, what: 'starts' } as const, { at: 5, what: 'is ready' } as const],
    { at: 7, what: 'exited' } as const,
  ];
  t.deepEqual(downtimesOf('m1', happened), [
    { member: 'm1', from: 1, to: 5 },
    { member: 'm1', from: 7, to: Number.POSITIVE_INFINITY },
  ]);
});

test('together() finds each two that were down at the same moment', (t) => {
  const one = { member: 'm1', from: 1000, to: 2000 };
  t.deepEqual(together([one, { member: 'm2', from: 2000, to: 3000 }]), []);
  t.deepEqual(together([one, { ...one, from: 1500 }]), []);
  t.deepEqual(together([one, { member: 'm2', from: 1500, to: Number.POSITIVE_INFINITY }]), [
    'm1 from 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:02.000Z, m2 from 1970-01-01T00:00:01.500Z to the end',
  ]);
});

test.serial('downtimes() tells restarts and crashes of real units by their journals', async (t) => {
  const { inventory } = await describeCluster(lab.current);
  t.is((await lab.current.provision(['up', inventory, '--yes'])).exitCode, 0);
  const [first, second] = lab.current.hosts;
  if (first === undefined || second === undefined) throw new TypeError('a lab of three');
  const since = Date.now();
  await said(first, 'systemctl restart etcd');
  await said(second, 'systemctl stop etcd; systemctl start etcd');
  await oneAtATime(t, lab.current.hosts, since, 2);
  const apart = await downtimes(lab.current.hosts, since);
  t.deepEqual(
    apart.map(({ member }) => member),
    [first.name, second.name],
  );

  await Promise.all([first, second].map((one) => said(one, 'systemctl kill --signal=KILL etcd')));
  for (const one of [first, second])
    await said(one, 'until systemctl is-active etcd; do sleep 0.2; done');
  const all = await downtimes(lab.current.hosts, since);
  t.is(all.length, 4, JSON.stringify(all));
  t.is(together(all).length, 1);
});
