import test from 'ava';
import type { FormerFact } from '../../src/facts/data/former.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { planGiveBack } from '../../src/plan/give-back.ts';
import { placed } from '../../src/plan/lane.ts';
import { nextText } from '../../src/problem/render.ts';
import { but, butAll, type SeenFacts, settled, sha256, wanted } from './facts.ts';

const desired = wanted(3, { protocol: 'http', adopted: { clusterId: '1' } });
const LIMITED = { allowDowntime: false };

const UNIT_FILE = '/etc/systemd/system/etcd.service';
const DROP_IN = '/etc/systemd/system/etcd.service.d/limits.conf';

const former = (
  found: MemberFacts,
  name: string,
  change: Partial<FormerFact['note']> = {},
): FormerFact => ({
  paths: [UNIT_FILE, '/etc/etcd/etcd.conf', DROP_IN],
  back: [],
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
    ['remove', 'write-files', 'enable-unit', 'restart-unit', 'await-ready'],
  );
  t.like(back[3], { handover: { account: 'etcd' } });
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
    adopted: { files: [], dropIns: [], isKept: false },
    unit: { ...unit, process: unit.process && { ...unit.process, unit: undefined } },
  }));
  t.like(planGiveBack(desired, theirs, LIMITED), {
    waves: [],
    refusals: [],
    notes: ['nothing of provision runs its members: there is nothing to give back'],
  });
});

test('planGiveBack() puts files back that a run was cut off behind, before what is kept of them goes', (t) => {
  const half = but(taken, 'etcd02', ({ unit }) => ({
    adopted: { files: [], dropIns: [], isKept: false },
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

test('planGiveBack() refuses another CA where members use certificates, and asks for none where they do not', (t) => {
  const secure = wanted(3, { adopted: { clusterId: '1' } });
  const kept = (cas: Partial<FormerFact['note']>) =>
    butAll(settled(secure), (found, name) => ({
      former: former(found, name, { protocol: 'https', ...cas }),
    }));
  const ca = kept({}).store.ca?.fact.fingerprint256 ?? '';
  const peerCa = kept({}).store.peerCa?.fact.fingerprint256 ?? '';
  const of = (cas: Partial<FormerFact['note']>) =>
    planGiveBack(secure, kept(cas), LIMITED).refusals.map(({ sentence }) => sentence);
  t.deepEqual(of({ ca, peerCa }), []);
  t.is(
    of({ ca: 'AB:CD', peerCa })[0],
    `etcd01: cannot run as it did before provision: the fingerprint of its CA was AB:CD and is ${ca}`,
  );
  t.regex(of({ ca, peerCa: 'EF' })[0] ?? '', /the fingerprint of its peers' own CA was EF and is/);
  // A cluster that went to https and back has a store since.
  const plain = but(taken, 'etcd02', (found) => ({ former: former(found, 'etcd02') }));
  t.deepEqual(told({ ...plain, store: kept({}).store }), []);
});

test('planGiveBack() says how what has changed is brought back, all of it, and only where that can be', (t) => {
  const next = (change: Partial<FormerFact['note']>) => {
    const facts = but(taken, 'etcd02', (found) => ({ former: former(found, 'etcd02', change) }));
    const [refusal] = planGiveBack(desired, facts, LIMITED).refusals;
    return nextText(refusal?.next ?? [], 'a.yaml');
  };
  t.regex(next({ version: '3.5.29' }), /^leave the cluster with provision/);
  t.regex(next({ version: '3.3.25' }), /^leave the cluster with provision/);
  t.regex(
    next({ protocol: 'https', peerUrl: 'https://198.18.0.12:2380' }),
    /^provision migrate a.yaml --to https; once .* --finish; then set protocol: https in a.yaml; or leave/,
  );
  t.regex(
    next({ wal: '/mnt/wal', data: '/srv/etcd' }),
    /^set etcd.paths.data to \/srv\/etcd in a.yaml, then: provision up a.yaml; and set etcd.paths.walDirectory to \/mnt\/wal in a.yaml, in the place of etcd.paths.wal, then: provision up a.yaml; or leave/,
  );
});

test('planGiveBack() keeps a copy of what a hand has changed, and names drop-ins that were added', (t) => {
  const dropIn = (path: string) => ({ path, content: '[Service]\nNice=5\n', environmentFiles: [] });
  const ADDED = '/etc/systemd/system/etcd.service.d/nice.conf';
  const changed = but(taken, 'etcd02', ({ unitFile, launch }) => ({
    unitFile: unitFile && { ...unitFile, content: `${unitFile.content}# by hand\n` },
    launch: { ...launch, dropIns: [dropIn(DROP_IN), dropIn(ADDED)] },
  }));
  const { waves, notes } = planGiveBack(desired, changed, LIMITED);
  const edited = (name: string) =>
    waves.flatMap(({ lanes }) =>
      placed(lanes).flatMap(({ step, place }) =>
        place === name && step.kind === 'put-former-back' ? [step.edited] : [],
      ),
    );
  t.deepEqual(edited('etcd01'), [[]]);
  t.deepEqual(edited('etcd02'), [[UNIT_FILE, DROP_IN]]);
  t.deepEqual(notes, [
    `etcd02: ${ADDED} was added since and stays: the unit that comes back has it too`,
  ]);
  // What was put back before the run was cut off is theirs.
  const half = but(changed, 'etcd02', (found) => ({
    former: { ...former(found, 'etcd02'), back: [UNIT_FILE, DROP_IN] },
  }));
  t.true(
    planGiveBack(desired, half, LIMITED).waves.every(({ lanes }) =>
      placed(lanes).every(
        ({ step }) => step.kind !== 'put-former-back' || step.edited.length === 0,
      ),
    ),
  );
});
