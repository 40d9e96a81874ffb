import test from 'ava';
import type { FormerFact } from '../../src/facts/data/former.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { planGiveBack } from '../../src/plan/give-back.ts';
import { placed } from '../../src/plan/lane.ts';
import { but, butAll, type SeenFacts, settled, sha256, wanted } from './facts.ts';

const desired = wanted(3, { protocol: 'http', adopted: { clusterId: '1' } });
const LIMITED = { allowDowntime: false };

const former = (
  found: MemberFacts,
  name: string,
  change: Partial<FormerFact['note']> = {},
): FormerFact => ({
  paths: ['/etc/systemd/system/etcd.service', '/etc/etcd/etcd.conf'],
  note: {
    ...{ account: 'root', executable: '/usr/bin/etcd', sha256: sha256('theirs'), wal: '', ca: '' },
    peerCa: '',
    ...{ version: desired.version, protocol: 'http', data: desired.paths.data },
    peerUrl: found.etcd.members?.members.find((one) => one.name === name)?.peerUrls[0] ?? '',
    ...change,
  },
  programSha256: sha256('theirs'),
});

const taken = butAll(settled(desired), (found, name) => ({ former: former(found, name) }));

const told = (facts: SeenFacts) =>
  planGiveBack(desired, facts, LIMITED).refusals.map(
    ({ kind, sentence }) => `${kind}: ${sentence}`,
  );

test('planGiveBack() puts members back one by one, the leader last, and cleans up behind the last', (t) => {
  const { waves, refusals } = planGiveBack(desired, taken, LIMITED);
  t.deepEqual(refusals, []);
  t.deepEqual(
    waves.map(({ title }) => title),
    ['give etcd02 back', 'give etcd03 back', 'give etcd01 back', 'clean up'],
  );
  const [first] = waves;
  const steps = placed(first?.lanes ?? []).map(({ step }) => step);
  t.deepEqual(
    steps.map(({ kind }) => kind),
    ['put-former-back', 'yield-leadership', 'restart-unit', 'await-ready'],
  );
  t.like(steps[2], { handover: { account: 'root', data: '/var/lib/etcd' } });
  const back = placed(first?.undo ?? []).map(({ step }) => step);
  t.deepEqual(
    back.map(({ kind }) => kind),
    ['write-files', 'enable-unit', 'restart-unit', 'await-ready'],
  );
  t.like(back[2], { handover: { account: 'etcd' } });
});

test('planGiveBack() refuses what has changed since, with what it was and is', (t) => {
  const changed = (change: Partial<FormerFact['note']>) =>
    told(but(taken, 'etcd02', (found) => ({ former: former(found, 'etcd02', change) })));
  const says = (what: string) =>
    `changed-since: etcd02: cannot run as it did before provision: ${what}`;
  t.deepEqual(changed({ version: '3.5.29' }), [
    says(
      'its version was 3.5.29 and is 3.5.30; its version in the inventory was 3.5.29 and is 3.5.30',
    ),
  ]);
  t.deepEqual(changed({ protocol: 'https' }), [says('its protocol was https and is http')]);
  t.deepEqual(changed({ data: '/srv/etcd' }), [
    says('its data directory was /srv/etcd and is /var/lib/etcd'),
  ]);
  t.deepEqual(changed({ wal: '/mnt/wal' }), [
    says('the directory of its log was /mnt/wal and is none'),
  ]);
  t.deepEqual(changed({ peerCa: 'EF' }), [
    says("the fingerprint of its peers' own CA was EF and is none"),
  ]);
  t.deepEqual(changed({ ca: 'AB:CD' }), [says('the fingerprint of its CA was AB:CD and is none')]);
  t.deepEqual(changed({ sha256: sha256('other') }), [
    says('the program that it ran is another (/usr/bin/etcd)'),
  ]);
  t.deepEqual(changed({ peerUrl: 'http://10.0.0.9:2380' }), [
    says('its peer URL was http://10.0.0.9:2380 and is http://198.18.0.12:2380'),
  ]);
});

test('planGiveBack() refuses a member that provision has set up, and has nothing to do where it set up none', (t) => {
  t.deepEqual(told(but(taken, 'etcd03', () => ({ former: undefined }))), [
    'no-former: etcd03: provision has set it up, and nothing is kept of anything before',
  ]);
  const theirs = butAll(settled(desired), ({ unit }) => ({
    adopted: { files: [], dropIns: [] },
    unit: { ...unit, process: unit.process && { ...unit.process, unit: undefined } },
  }));
  t.like(planGiveBack(desired, theirs, LIMITED), {
    waves: [],
    refusals: [],
    notes: ['nothing of provision runs its members'],
  });
});

test('planGiveBack() puts files back that a run was cut off behind, before what is kept of them goes', (t) => {
  const half = but(taken, 'etcd02', ({ unit }) => ({
    adopted: { files: [], dropIns: [] },
    unit: { ...unit, process: unit.process && { ...unit.process, unit: undefined } },
  }));
  const { waves } = planGiveBack(desired, half, LIMITED);
  t.deepEqual(
    waves.map(({ title }) => title),
    ['put files back', 'give etcd03 back', 'give etcd01 back', 'clean up'],
  );
  t.deepEqual(
    placed(waves[0]?.lanes ?? []).map(({ step }) => step.kind),
    ['put-former-back'],
  );
});
