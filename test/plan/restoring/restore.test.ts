import test from 'ava';
import { bootstrapClusterId, bootstrapMemberId } from '../../../src/etcd/identity.ts';
import type { RestoreFact } from '../../../src/facts/data/restore.ts';
import type { RestoreIntent } from '../../../src/facts/data/restore-intent.ts';
import { readIntent } from '../../../src/facts/data/unfinished-intent.ts';
import { trustBundle } from '../../../src/pki/ca/trust.ts';
import { count } from '../../../src/plan/describe.ts';
import { askedBy } from '../../../src/plan/gate.ts';
import { laneName, placed, stepsOf } from '../../../src/plan/lane.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { UnfinishedRestore } from '../../../src/plan/restoring/half-restored.ts';
import { planPutBack } from '../../../src/plan/restoring/put-back.ts';
import { planRestore } from '../../../src/plan/restoring/restore.ts';
import type { RestoreOptions, RestoreSource } from '../../../src/plan/restoring/restore-options.ts';
import {
  bare,
  but,
  butAll,
  dataOf,
  emptyData,
  FRESH,
  NO_TENANTS,
  type SeenFacts,
  settled,
  sha256,
  stopped,
  wanted,
} from '../facts.ts';

const desired = wanted();
const BEGAN = '20261121T120000Z';
const OTHER = 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd';

const source: RestoreSource = {
  name: 'prod-20261121T100000Z.db',
  sha256: 'a'.repeat(64),
  size: 20_512,
  skipHashCheck: false,
  cluster: 'prod',
  etcd: '3.5.30',
  revision: 42,
  keys: 7,
};

const wishes: RestoreOptions = {
  source,
  freshToken: FRESH,
  began: BEGAN,
  bumpRevision: 0,
  foreign: false,
};

const untouched: RestoreFact = {
  intent: undefined,
  placed: undefined,
  led: false,
  mounted: false,
  staged: undefined,
  asides: [],
};

const urls = desired.members.map(({ peerUrl }) => peerUrl);
const intent = (token = OTHER): RestoreIntent => ({
  cluster: 'prod',
  token,
  clusterId: bootstrapClusterId(urls, token),
  snapshot: source.sha256,
  bumpRevision: 0,
  began: '20261121T110000Z',
  ran: true,
  served: true,
});
const owner = (token = OTHER) => ({
  memberId: bootstrapMemberId(urls, token),
  clusterId: bootstrapClusterId(urls, token),
});
const begun: RestoreFact = { ...untouched, intent: intent() };
const ready: RestoreFact = { ...begun, staged: owner() };

const everywhere = (fact: RestoreFact) =>
  new Map(desired.members.map(({ name }) => [name, fact] as const));

/** Each wave as its title and, host by host, the kinds of its steps. */
function outline(plan: Plan): readonly string[] {
  return plan.waves.map(({ title, lanes, gate }) => {
    const hosts = lanes.map(
      (lane) => `${laneName(lane)} ${lane.steps.map(({ kind }) => kind).join(' ')}`,
    );
    return [title, ...hosts, ...(gate.length > 0 ? [`gate ${askedBy(gate).join(' ')}`] : [])].join(
      ' | ',
    );
  });
}

const plans = test.macro(
  (t, facts: SeenFacts, found: ReadonlyMap<string, RestoreFact>, expected: readonly string[]) => {
    const plan = planRestore(desired, facts, found, wishes);
    t.deepEqual(plan.refusals, []);
    t.deepEqual(outline(plan), expected);
  },
);

/** The same line for all three members. */
const each = (steps: string) =>
  ['etcd01', 'etcd02', 'etcd03'].map((name) => `${name} ${steps}`).join(' | ');
const GATE = 'gate etcd01 etcd02 etcd03';

test(
  'planRestore: does everything that can fail beside the data in use, then stops all, exchanges, starts together',
  plans,
  settled(desired),
  everywhere(untouched),
  [
    `restore the snapshot beside the data in use | ${each('prepare-host write-files upload-snapshot restore-beside')}`,
    'stop the followers | etcd02 stop-unit | etcd03 stop-unit',
    'stop the leader etcd01 | etcd01 stop-unit',
    `move the former data aside, put the restored data in its place | ${each('keep-configuration write-files swap-data')}`,
    `start all members together | ${each('start-unit await-ready forget-alarms')} | ${GATE}`,
    `compare with the snapshot | ${each('check-restored')}`,
    `clean up | ${each('remove')}`,
  ],
);

test('planRestore: the last member that runs shows that nobody wrote since the snapshot, where that counts', (t) => {
  const waves = (facts: SeenFacts) =>
    outline(
      planRestore(desired, facts, everywhere(untouched), { ...wishes, lastRevision: 42 }),
    ).filter((line) => line.startsWith('stop'));
  t.deepEqual(waves(settled(desired)), [
    'stop the followers | etcd02 stop-unit | etcd03 stop-unit',
    'stop the leader etcd01 | etcd01 check-unchanged stop-unit',
  ]);
  t.deepEqual(waves(but(settled(desired), 'etcd01', stopped)), [
    'stop etcd02 | etcd02 stop-unit',
    'stop etcd03 | etcd03 check-unchanged stop-unit',
  ]);
});

test('planRestore: asks no listener what it shows once members are stopped', (t) => {
  const facts = butAll(settled(desired), (found) => ({
    ...found,
    pki: { ...found.pki, files: new Map() },
  }));
  const plan = planRestore(desired, facts, everywhere(untouched), wishes);
  const kinds = plan.waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) => steps.map(({ kind }) => kind)),
  );
  t.is(kinds.filter((kind) => kind === 'install-certificates').length, 3);
  t.false(kinds.includes('probe-listeners'));
});

test('count: says that the whole cluster stops, and that members are stopped', (t) => {
  const effect = (plan: Plan) => count(plan).replace(/^.*waves?, /, '');
  const facts = settled(desired);
  t.is(
    effect(planRestore(desired, facts, everywhere(untouched), wishes)),
    'the whole cluster stops',
  );
  const still = butAll(facts, stopped);
  t.is(effect(planRestore(desired, still, everywhere(untouched), wishes)), 'no restart');
  const running = half(
    but(exchanged, 'etcd02', ({ unit }) => ({ unit: { ...unit, pid: 7 } })),
    moved,
  );
  t.is(effect(planPutBack(desired, running)), '1 member stopped');
});

test(
  'planRestore: a run killed when the data lay ready goes on with stopping',
  plans,
  settled(desired),
  everywhere(ready),
  [
    'stop the followers | etcd02 stop-unit | etcd03 stop-unit',
    'stop the leader etcd01 | etcd01 stop-unit',
    `move the former data aside, put the restored data in its place | ${each('keep-configuration write-files swap-data')}`,
    `start all members together | ${each('start-unit await-ready forget-alarms')} | ${GATE}`,
    `compare with the snapshot | ${each('check-restored')}`,
    `clean up | ${each('remove')}`,
  ],
);

test(
  'planRestore: a run killed while members were stopped stops only those that run',
  plans,
  but(settled(desired), 'etcd02', stopped),
  everywhere(ready),
  [
    'stop the followers | etcd03 stop-unit',
    'stop the leader etcd01 | etcd01 stop-unit',
    `move the former data aside, put the restored data in its place | ${each('keep-configuration write-files swap-data')}`,
    `start all members together | ${each('start-unit await-ready forget-alarms')} | ${GATE}`,
    `compare with the snapshot | ${each('check-restored')}`,
    `clean up | ${each('remove')}`,
  ],
);

const confOf = (name: string) => {
  const member = desired.members.find((one) => one.name === name);
  const content = member?.confFile({ token: OTHER, state: 'existing', crl: false }) ?? '';
  return { content, mode: 0o644, owner: 'root:root', modifiedAt: 0 };
};
const exchanged = butAll(settled(desired), (found, name) => ({
  ...stopped(found),
  data: dataOf(desired, name, OTHER),
  conf: confOf(name),
}));

test(
  'planRestore: a run killed before the start starts what was restored',
  plans,
  exchanged,
  everywhere({ ...begun, asides: ['20261121T110000Z'] }),
  [
    `start all members together | ${each('start-unit await-ready forget-alarms')} | ${GATE}`,
    `compare with the snapshot | ${each('check-restored')}`,
    `clean up | ${each('remove')}`,
  ],
);

test(
  'planRestore: a host that died in the middle and came back with its former data gets the same restore',
  plans,
  but(
    butAll(exchanged, (_found, name) => {
      const { unit, etcd } = settled(desired).members.get(name) ?? {};
      return { ...(unit && { unit }), ...(etcd && { etcd }) };
    }),
    'etcd03',
    () => ({ data: dataOf(desired, 'etcd03') }),
  ),
  new Map([...everywhere(begun), ['etcd03', begun]]),
  [
    'restore the snapshot beside the data in use | etcd03 upload-snapshot restore-beside',
    'stop the followers | etcd03 stop-unit',
    'move the former data aside, put the restored data in its place | etcd03 keep-configuration swap-data',
    `start all members together | etcd03 start-unit await-ready forget-alarms | ${GATE}`,
    `compare with the snapshot | ${each('check-restored')}`,
    `clean up | ${each('remove')}`,
  ],
);

test('planRestore: the token of an unfinished restore is kept where most members know of it, a finished one is not mistaken for it', (t) => {
  const tokens = (found: ReadonlyMap<string, RestoreFact>) => {
    const steps = planRestore(desired, settled(desired), found, wishes).waves.flatMap(({ lanes }) =>
      stepsOf(lanes),
    );
    return new Set(
      steps.flatMap((step) => (step.kind === 'restore-beside' ? [step.order.token] : [])),
    );
  };
  t.deepEqual(tokens(everywhere(begun)), new Set([OTHER]));
  t.deepEqual(tokens(everywhere(untouched)), new Set([FRESH]));
  const another = { ...begun, intent: { ...intent(), snapshot: 'b'.repeat(64) } };
  t.deepEqual(tokens(everywhere(another)), new Set([FRESH]));
  const late = new Map([...everywhere(untouched), ['etcd02', begun] as const]);
  t.deepEqual(tokens(late), new Set([FRESH]));
  const kept = new Map([
    ...everywhere({ ...untouched, placed: owner() }),
    ['etcd02', begun] as const,
  ]);
  t.deepEqual(tokens(kept), new Set([OTHER]));
});

test('planRestore: brings account, programs, certificates and units to bare hosts', (t) => {
  const plan = planRestore(desired, bare(desired), everywhere(untouched), wishes);
  t.deepEqual(
    outline(plan).map((line) => line.split(' | ').slice(0, 2).join(' | ')),
    [
      `make certificates | here create-ca${' issue-certificate'.repeat(desired.certificates.length)}`,
      'restore the snapshot beside the data in use | etcd01 prepare-host prepare-host write-files upload upload upload upload-snapshot restore-beside',
      'move the former data aside, put the restored data in its place | etcd01 keep-configuration install-certificates point-link write-files enable-unit swap-data',
      'start all members together | etcd01 start-unit await-ready forget-alarms',
      'compare with the snapshot | etcd01 check-restored',
      'clean up | etcd01 remove',
    ],
  );
});

test('planRestore: beside a rotation of the CA members trust what the store does, and one whose trust in the old CA was ended is not given it back', (t) => {
  const found = settled(desired);
  const { ca } = found.store;
  if (ca === undefined) throw new TypeError('the store has no CA');
  const previous = { ...ca, pem: 'another CA\n' };
  const trusting = (facts: SeenFacts, bundle: string) =>
    butAll(facts, ({ pki }) => {
      const file = pki.files.get('ca.crt');
      if (file === undefined) throw new TypeError('a member has a CA');
      const files = new Map(pki.files).set('ca.crt', { ...file, sha256: sha256(bundle) });
      return { pki: { ...pki, files } };
    });
  const record = { consent: { at: '2026-11-21T11:00:00Z', by: 'me@here' } };
  const wide = trusting(
    { ...found, rotation: { next: undefined, previous, retired: [], record } },
    trustBundle([ca, previous]),
  );
  const narrow = trusting(wide, trustBundle([ca])).members.get('etcd02');
  if (narrow === undefined) throw new TypeError('etcd02 was seen');
  const installed = (facts: SeenFacts) =>
    planRestore(desired, facts, everywhere(untouched), wishes).waves.flatMap(({ lanes }) =>
      placed(lanes).flatMap(({ place, step }) =>
        step.kind === 'install-certificates' ? [`${place} ${step.trust ?? 'both'}`] : [],
      ),
    );
  // The new CA is made, and nobody trusts it yet; then all trust both.
  const made = { ...found, rotation: { next: previous, previous: undefined, retired: [] } };
  t.deepEqual(installed(made), ['etcd01 both', 'etcd02 both', 'etcd03 both']);
  t.deepEqual(installed(trusting(made, trustBundle([ca, previous]))), []);
  t.deepEqual(installed(wide), []);
  const ending = { ...wide, members: new Map(wide.members).set('etcd02', narrow) };
  t.deepEqual(installed(ending), []);
  const another = but(ending, 'etcd02', ({ pki }) => ({
    pki: { ...pki, files: new Map([...pki.files].filter(([name]) => name !== 'server.crt')) },
  }));
  t.deepEqual(installed(another), ['etcd02 signing']);
});

test('planRestore: on a mount point everything stays on its file system', (t) => {
  const plan = planRestore(
    desired,
    settled(desired),
    everywhere({ ...untouched, mounted: true }),
    wishes,
  );
  const [step] = plan.waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) => steps.flatMap((one) => (one.kind === 'swap-data' ? [one] : []))),
  );
  t.deepEqual(step?.places, {
    data: '/var/lib/etcd',
    staging: '/var/lib/etcd/restoring',
    snapshot: '/var/lib/etcd/restoring/snapshot.db',
    status: '/var/lib/etcd/restoring/status',
    restoredData: '/var/lib/etcd/restoring/data',
    aside: `/var/lib/etcd/aside-${BEGAN}`,
  });
});

const refuses = test.macro(
  (
    t,
    version: string,
    changed: Partial<RestoreOptions>,
    found: RestoreFact,
    expected: readonly string[],
  ) => {
    const cluster = wanted(3, { etcd: { version } });
    const plan = planRestore(cluster, settled(cluster), everywhere(found), {
      ...wishes,
      ...changed,
    });
    t.deepEqual(plan.waves, []);
    t.deepEqual(
      plan.refusals.map(({ sentence }) => sentence),
      expected,
    );
  },
);

test(
  'planRestore: refuses a snapshot of another cluster',
  refuses,
  '3.5.30',
  { source: { ...source, cluster: 'staging' } },
  untouched,
  ['prod-20261121T100000Z.db is a snapshot of the cluster staging, not of prod'],
);
test('planRestore() asks for consent to data of another cluster of the same name, where there is data', (t) => {
  const peers = ['https://10.9.0.1:2380'];
  const from = { ...wishes, source: { ...source, peers } };
  const placed = { memberId: '1', clusterId: '2' };
  const found = (facts: Partial<RestoreFact>) =>
    new Map(desired.members.map(({ name }) => [name, { ...untouched, ...facts }]));
  const sentences = (facts: Partial<RestoreFact>, options: RestoreOptions = from) =>
    planRestore(desired, settled(desired), found(facts), options).refusals.map(
      ({ sentence }) => sentence,
    );
  t.deepEqual(sentences({ placed }), [
    'prod-20261121T100000Z.db was taken from members at https://10.9.0.1:2380, which are not those of the inventory: it is of another cluster that is called prod too',
  ]);
  t.deepEqual(sentences({ placed }, { ...from, foreign: true }), []);
  t.deepEqual(sentences({ placed }, { ...from, source: { ...source, peers: urls } }), []);
  t.deepEqual(sentences({}), []);
  // All members have moved since: the id stays.
  const before = { ...source, peers, clusterId: placed.clusterId };
  t.deepEqual(sentences({ placed }, { ...from, source: before }), []);
  t.is(sentences({ placed }, { ...from, source: { ...before, clusterId: '3' } }).length, 1);
});

test(
  'planRestore: refuses a snapshot of a newer etcd',
  refuses,
  '3.5.30',
  { source: { ...source, etcd: '3.6.14' } },
  untouched,
  [
    'prod-20261121T100000Z.db was taken from etcd 3.6.14, and the inventory says 3.5.30: an older etcd cannot read it',
  ],
);
test(
  'planRestore: refuses what the quota would stop at once',
  refuses,
  '3.5.30',
  { source: { ...source, size: 3 * 1024 ** 3 } },
  untouched,
  [
    'prod-20261121T100000Z.db has 3072 MiB, and the quota is 2048 MiB: the cluster would take no writes from its first moment on',
  ],
);
test(
  'planRestore: refuses to bump the revision where etcd cannot',
  refuses,
  '3.4.23',
  { source: { ...source, etcd: '3.4.23' }, bumpRevision: 1_000_000_000 },
  untouched,
  [
    'etcd 3.4.23 cannot move the revision on while it restores (3.4.27, 3.5.10 and later can): kube-apiserver and every controller would go on watching from revisions that do not exist yet, and miss changes',
  ],
);
test(
  'planRestore: refuses to bury data that another unfinished restore moved aside',
  refuses,
  '3.5.30',
  {},
  { ...begun, intent: { ...intent(), snapshot: 'b'.repeat(64) }, asides: ['20261121T110000Z'] },
  ['etcd01', 'etcd02', 'etcd03'].map(
    (name) =>
      `${name}: another restore, begun 20261121T110000Z, has moved the data aside and is not finished`,
  ),
);

test(
  'planRestore: refuses to go on with the same snapshot as another cluster, and says how',
  refuses,
  '3.5.30',
  {},
  {
    ...begun,
    intent: { ...intent(), token: 'of other addresses', clusterId: 'f0' },
    asides: ['20261121T110000Z'],
  },
  ['etcd01', 'etcd02', 'etcd03'].map(
    (name) =>
      `${name}: the restore of this snapshot that was begun 20261121T110000Z is not finished, and it makes a cluster with other members, addresses or options than this one would`,
  ),
);

test('planRestore: refuses hosts whose data belongs to another cluster', (t) => {
  const conf = {
    content: '# provision: cluster other, member x\nETCD_DATA_DIR="/var/lib/etcd"\n',
    mode: 0o644,
    owner: 'root:root',
    modifiedAt: 0,
  };
  const facts = but(settled(desired), 'etcd02', () => ({ conf, tenants: NO_TENANTS }));
  const { refusals, waves } = planRestore(desired, facts, everywhere(untouched), wishes);
  t.deepEqual(waves, []);
  t.regex(
    refusals[0]?.sentence ?? '',
    /^etcd02: \/var\/lib\/etcd holds .* of data of cluster other/,
  );
});

const half = (facts: SeenFacts, found: RestoreFact) =>
  new Map<string, UnfinishedRestore>(
    [...facts.members].map(([name, member]) => [name, { facts: member, found }]),
  );
const moved: RestoreFact = { ...begun, asides: ['20261121T110000Z'] };

test('planPutBack: puts back what was exchanged, starts what ran, waits where it served', (t) => {
  t.deepEqual(outline(planPutBack(desired, half(exchanged, moved))), [
    `put the former data back | ${each('put-data-back')}`,
    `start what ran before | ${each('start-unit await-ready')} | ${GATE}`,
    `clean up | ${each('remove')}`,
  ]);
});

test('planPutBack: starts members again that were only stopped', (t) => {
  const facts = butAll(settled(desired), (found, name) =>
    name === 'etcd01' ? {} : stopped(found),
  );
  t.deepEqual(outline(planPutBack(desired, half(facts, ready))), [
    `start what ran before | etcd02 start-unit await-ready | etcd03 start-unit await-ready | ${GATE}`,
    `clean up | ${each('remove')}`,
  ]);
});

test('planPutBack: does not start members that have lost their data, nor wait for too few', (t) => {
  const facts = butAll(settled(desired), (found, name) => ({
    ...stopped(found),
    ...(name === 'etcd01' ? {} : { data: undefined }),
  }));
  t.deepEqual(outline(planPutBack(desired, half(facts, ready))), [
    'start what ran before | etcd01 start-unit',
    `clean up | ${each('remove')}`,
  ]);
});

test('planPutBack: leaves hosts alone that cannot be asked or know of no restore', (t) => {
  const some = half(exchanged, moved);
  some.delete('etcd02');
  some.set('etcd03', { facts: exchanged.members.get('etcd03') ?? fail(), found: untouched });
  t.deepEqual(outline(planPutBack(desired, some)), [
    'put the former data back | etcd01 put-data-back',
    'start what ran before | etcd01 start-unit await-ready | gate etcd01',
    'clean up | etcd01 remove',
  ]);
});

test('planPutBack: does not start what did not run', (t) => {
  const quiet = { ...moved, intent: { ...intent(), ran: false, served: false } };
  t.deepEqual(outline(planPutBack(desired, half(exchanged, quiet))), [
    `put the former data back | ${each('put-data-back')}`,
    `clean up | ${each('remove')}`,
  ]);
});

test('planRestore: an empty data directory is no reason to refuse', (t) => {
  const facts = butAll(settled(desired), (found) => ({ ...stopped(found), data: emptyData }));
  t.deepEqual(planRestore(desired, facts, everywhere(untouched), wishes).refusals, []);
});

function fail(): never {
  throw new TypeError('no such member');
}

test('planRestore: records the list that comes and who votes in the one that was, by its own list', (t) => {
  const facts = butAll(settled(desired), ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && {
        ...etcd.members,
        members: etcd.members.members.map((one, at) => ({ ...one, isLearner: at === 2 })),
      },
    },
  }));
  const records = (found: ReadonlyMap<string, RestoreFact>) =>
    planRestore(desired, facts, found, wishes).waves.flatMap(({ lanes }) =>
      lanes.flatMap(({ steps }) =>
        steps.flatMap((step) =>
          step.kind === 'write-files'
            ? step.files.flatMap(({ file }) => readIntent(file.content) ?? [])
            : [],
        ),
      ),
    );
  const fresh = records(everywhere(untouched));
  t.is(fresh.length, 3);
  for (const { members, former } of fresh) {
    t.deepEqual(members, urls);
    t.deepEqual(former, { voters: 2, named: ['etcd01', 'etcd02'], absent: 0 });
  }
  // What is gone on with has it from the record: the list that is told by now may be the restored one's.
  const former = { voters: 4, named: ['etcd01', 'etcd02', 'etcd03'], absent: 1 };
  const known = { ...begun, intent: { ...intent(), former } };
  const again = records(new Map([...everywhere(known), ['etcd03', untouched]]));
  t.deepEqual(
    again.map((one) => one.former),
    [former],
  );
});
