import test from 'ava';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import { type PlanOptions, planCluster } from '../../src/plan/cluster.ts';
import { placed, stepsOf } from '../../src/plan/lane.ts';
import {
  bare,
  but,
  butAll,
  conf,
  dataOf,
  emptyData,
  FRESH,
  hanging,
  notAnswering,
  type SeenFacts,
  settled,
  stopped,
  UP,
  wanted,
  written,
} from './facts.ts';
import { firstStart, outline } from './outline.ts';

const SETTINGS = { version: '3.5.30', settings: { 'heartbeat-interval': 200 } };
const three = wanted();
const matching = settled(three);

const plans = test.macro(
  (
    t,
    desired: DesiredCluster,
    facts: SeenFacts,
    expected: readonly string[],
    wishes: Partial<PlanOptions> = {},
  ) => {
    t.deepEqual(outline(planCluster(desired, facts, { ...UP, ...wishes })), expected);
  },
);

const GATE = '  gate etcd01 etcd02 etcd03';
const WRITE = 'write-files /etc/etcd/etcd.conf (its content differs)';
const UNDO_WRITE = 'write-files /etc/etcd/etcd.conf (the change failed)';
const YIELD = 'yield-leadership (a leader that stops costs an election)';
const AWAIT_NEXT = 'await-ready (the next member may only stop when this one is back)';
const RESTART = 'restart-unit (it runs with another ETCD_HEARTBEAT_INTERVAL)';
const UNDO_RESTART = [
  'enable-unit (its file is the former one again)',
  'restart-unit (the change failed)',
  'await-ready (it was ready before)',
];

interface Change {
  readonly steps: readonly string[];
  readonly undo: readonly string[];
}

function wave(title: string, name: string, { steps, undo }: Change): readonly string[] {
  const lane = (all: readonly string[]) => [`  ${name}:`, ...all.map((step) => `    ${step}`)];
  return [
    `${title} ${name}`,
    `  before ${['etcd01', 'etcd02', 'etcd03'].filter((other) => other !== name).join(' ')}`,
    ...lane(steps),
    ...(undo.length > 0 ? ['  or back:', ...lane(undo)] : []),
    GATE,
  ];
}

function rolling(change: Change, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => wave('restart', name, change));
}

const setting: Change = {
  steps: [WRITE, YIELD, RESTART, AWAIT_NEXT],
  undo: [UNDO_WRITE, ...UNDO_RESTART],
};

test(
  'a changed setting is rolled out one by one, the leader last',
  plans,
  wanted(3, { etcd: SETTINGS }),
  matching,
  rolling(setting, 'etcd02', 'etcd03', 'etcd01'),
);

const ledByTwo = butAll(matching, ({ etcd }) => ({
  etcd: {
    ...etcd,
    status: etcd.status && {
      ...etcd.status,
      leader: matching.members.get('etcd02')?.etcd.status?.memberId ?? '',
    },
  },
}));

test(
  'the leader is the member that leads',
  plans,
  wanted(3, { etcd: SETTINGS }),
  ledByTwo,
  rolling(setting, 'etcd01', 'etcd03', 'etcd02'),
);

test(
  'a changed unit file is read by systemd, and restarts nobody',
  plans,
  three,
  but(matching, 'etcd02', () => ({
    unitFile: written('# provision: cluster prod, member etcd02\n'),
  })),
  wave('change', 'etcd02', {
    steps: [
      'write-files /etc/systemd/system/etcd.service (its content differs)',
      'enable-unit (systemd must read its file again)',
    ],
    undo: [
      'write-files /etc/systemd/system/etcd.service (the change failed)',
      'enable-unit (its file is the former one again)',
    ],
  }),
);

test('a unit file written after the start is no reason to restart', (t) => {
  const titles = (modifiedAt: number) => {
    const facts = but(matching, 'etcd02', ({ unitFile, unit }) => ({
      unitFile: unitFile && { ...unitFile, modifiedAt: (unit.startedAt ?? 0) + modifiedAt },
    }));
    return planCluster(three, facts, UP).waves.map(({ title }) => title);
  };
  t.deepEqual(titles(0), []);
  t.deepEqual(titles(1), []);
});

test(
  'a token that a killed start left is removed from a member that has its log',
  plans,
  three,
  but(matching, 'etcd02', ({ unit }) => ({ unit: { ...unit, mayStartEmpty: true } })),
  [
    'change etcd02',
    '  before etcd01 etcd03',
    '  etcd02:',
    '    remove (it would let the member start without its data)',
    '  gate etcd01 etcd02 etcd03',
  ],
);

test('a start makes a log only where there is none', (t) => {
  const down = butAll(matching, stopped);
  const facts = but(down, 'etcd02', () => ({
    data: emptyData,
    conf: conf(three, 'etcd02', 'new'),
  }));
  const fresh = butAll(facts, (_, name) => ({ conf: conf(three, name, 'new') }));
  const starts = planCluster(three, fresh, UP).waves.flatMap(({ lanes }) =>
    placed(lanes).flatMap(({ place, step }) =>
      step.kind === 'start-unit' ? [[place, step.emptyStart]] : [],
    ),
  );
  t.deepEqual(starts, [
    ['etcd01', undefined],
    ['etcd02', true],
    ['etcd03', undefined],
  ]);
});

test('a program that is brought right before a first start is tried when it arrives, and not once more', (t) => {
  const isTried = (facts: SeenFacts) =>
    planCluster(three, facts, UP).waves.flatMap(({ lanes }) =>
      placed(lanes).flatMap(({ step }) =>
        step.kind === 'start-unit' ? [step.program !== undefined] : [],
      ),
    );
  const fresh = butAll(matching, (found, name) => ({
    ...stopped(found),
    conf: conf(three, name, 'new'),
  }));
  t.deepEqual(isTried(fresh), [true, true, true]);
  const lacking = butAll(fresh, () => ({ binaries: new Map() }));
  t.deepEqual(isTried(lacking), [true, true, true]);
  t.deepEqual(isTried(but(lacking, 'etcd02', () => ({ data: emptyData }))), [true, false, true]);
});

test(
  'a loosened mode is put right',
  plans,
  three,
  but(matching, 'etcd03', ({ conf }) => ({ conf: conf && { ...conf, mode: 0o666 } })),
  wave('change', 'etcd03', {
    steps: ['write-files /etc/etcd/etcd.conf (it is 0666 root:root, not 0644 root:root)'],
    undo: [UNDO_WRITE],
  }),
);

test(
  'a unit that would not start at boot is enabled without a restart',
  plans,
  three,
  but(matching, 'etcd03', ({ unit }) => ({ unit: { ...unit, enabled: false } })),
  wave('change', 'etcd03', { steps: ['enable-unit (it would not start at boot)'], undo: [] }),
);

const next = wanted(3, { etcd: { version: '3.5.31' } });
const withNext = butAll({ ...matching, binaries: bare(next).binaries }, () => ({
  binaries: new Map(),
}));
const upgrade: Change = {
  steps: [
    'point-link /opt/etcd/etcd /opt/etcd/3.5.31 (it is /opt/etcd/3.5.30)',
    YIELD,
    'restart-unit (it runs /opt/etcd/3.5.30/etcd, not /opt/etcd/3.5.31/etcd)',
    AWAIT_NEXT,
  ],
  undo: ['point-link /opt/etcd/etcd /opt/etcd/3.5.30 (the change failed)', ...UNDO_RESTART],
};

test('a later patch is brought to all, then taken into use one by one', plans, next, withNext, [
  'bring programs',
  '  etcd01 etcd02 etcd03:',
  '    upload etcd /opt/etcd/3.5.31 (it is not there)',
  '    upload etcdctl /opt/etcd/3.5.31 (it is not there)',
  '    upload etcdutl /opt/etcd/3.5.31 (it is not there)',
  ...rolling(upgrade, 'etcd02', 'etcd03', 'etcd01'),
]);

test('a dead member is started', plans, three, but(matching, 'etcd02', stopped), [
  'start etcd02',
  '  etcd02:',
  '    start-unit (it does not run)',
  '    await-ready (ready means it had quorum once)',
  GATE,
]);

test(
  'a dead member is back before a running one is restarted',
  plans,
  wanted(3, { etcd: SETTINGS }),
  but(matching, 'etcd02', stopped),
  [
    'start etcd02',
    '  etcd02:',
    `    ${WRITE}`,
    '    start-unit (it does not run)',
    '    await-ready (ready means it had quorum once)',
    GATE,
    ...rolling(setting, 'etcd03', 'etcd01'),
  ],
);

const twoDead = butAll(matching, (found, name) =>
  name === 'etcd01' ? { etcd: notAnswering('context deadline exceeded') } : stopped(found),
);

test(
  'without quorum the dead are started first, then the survivor is restarted',
  plans,
  wanted(3, { etcd: SETTINGS }),
  twoDead,
  [
    'start etcd02, etcd03 together',
    '  etcd02 etcd03:',
    `    ${WRITE}`,
    '    start-unit (it does not run)',
    '    await-ready (ready means it had quorum once)',
    GATE,
    ...rolling(setting, 'etcd01'),
  ],
);

const sick = but(matching, 'etcd03', () => ({ etcd: notAnswering('context deadline exceeded') }));

test(
  'one member that does not answer is changed before the others',
  plans,
  wanted(3, { etcd: SETTINGS }),
  sick,
  rolling(setting, 'etcd03', 'etcd02', 'etcd01'),
);

test(
  'members that hang in their start are restarted together',
  plans,
  wanted(3, { etcd: SETTINGS }),
  butAll(matching, hanging),
  [
    'start etcd01, etcd02, etcd03 together',
    '  etcd01 etcd02 etcd03:',
    `    ${WRITE}`,
    `    ${RESTART}`,
    '    await-ready (ready means it had quorum once)',
    GATE,
  ],
);

test(
  'one member is restarted when its downtime is accepted',
  plans,
  wanted(1, { etcd: SETTINGS }),
  settled(wanted(1)),
  [
    'restart etcd01',
    '  etcd01:',
    ...[WRITE, RESTART, AWAIT_NEXT].map((step) => `    ${step}`),
    '  or back:',
    '  etcd01:',
    ...[UNDO_WRITE, ...UNDO_RESTART].map((step) => `    ${step}`),
    '  gate etcd01',
  ],
  { allowDowntime: true },
);

const START_OVER = [
  'start etcd01, etcd02, etcd03 together',
  ...firstStart([
    'prepare-host /etc/etcd /var/lib/etcd (/var/lib/etcd is missing)',
    WRITE,
    'start-unit (it does not run)',
    'await-ready (ready means it had quorum once)',
  ]),
  GATE,
  'record that the cluster exists',
  '  etcd01 etcd02 etcd03:',
  '    write-files /etc/etcd/etcd.conf (the cluster exists from now on; no restart is needed)',
];

test('--wipe stops all, moves all data aside, then starts again with a fresh token', (t) => {
  const plan = planCluster(three, matching, { ...UP, wipe: true });
  t.deepEqual(outline(plan), [
    'stop etcd01',
    '  etcd01:',
    '    stop-unit (the data is given up (--wipe))',
    'stop etcd02',
    '  etcd02:',
    '    stop-unit (the data is given up (--wipe))',
    'stop etcd03',
    '  etcd03:',
    '    stop-unit (the data is given up (--wipe))',
    'move all data aside',
    '  etcd01 etcd02 etcd03:',
    '    move-aside /var/lib/etcd (the data is given up (--wipe))',
    ...START_OVER,
  ]);
  const texts = plan.waves
    .flatMap(({ lanes }) => stepsOf(lanes))
    .flatMap((step) => (step.kind === 'write-files' ? step.files : []))
    .map(({ file }) =>
      /^ETCD_INITIAL_CLUSTER_(STATE|TOKEN)=.*$/gm[Symbol.match](file.content)?.join(' '),
    );
  const said = (state: string) =>
    `ETCD_INITIAL_CLUSTER_STATE="${state}" ETCD_INITIAL_CLUSTER_TOKEN="${FRESH}"`;
  t.deepEqual(texts, [...Array(3).fill(said('new')), ...Array(3).fill(said('existing'))]);
});

test(
  '--wipe goes on where it was killed: what is aside stays aside',
  plans,
  three,
  butAll(matching, (found, name) => ({
    ...stopped(found),
    ...(name === 'etcd01' && { data: undefined }),
  })),
  [
    'move all data aside',
    '  etcd02 etcd03:',
    '    move-aside /var/lib/etcd (the data is given up (--wipe))',
    ...START_OVER,
  ],
  { wipe: true },
);

test(
  '--wipe takes what it finds, also data of somebody else',
  plans,
  wanted(1),
  but(bare(wanted(1)), 'etcd01', () => ({ data: dataOf(three, 'etcd01', 'other') })),
  [
    'make certificates',
    '  here:',
    '    create-ca (the store has no CA)',
    '    issue-certificate etcd01/server (the CA is new)',
    '    issue-certificate etcd01/peer (the CA is new)',
    '    issue-certificate etcd01/healthcheck-client (the CA is new)',
    '    issue-certificate admin (the CA is new)',
    'move all data aside',
    '  etcd01:',
    '    move-aside /var/lib/etcd (the data is given up (--wipe))',
    'start etcd01',
    '  etcd01:',
    '    prepare-host /etc/etcd /var/lib/etcd (there is no account etcd, /etc/etcd/etcd.conf is missing, /var/lib/etcd is missing)',
    '    upload etcd /opt/etcd/3.5.30 (it is not there)',
    '    write-files /etc/etcd/etcd.conf /etc/systemd/system/etcd.service (it is missing)',
    '    enable-unit (it would not start at boot)',
    '    install-certificates (server is new, peer is new, healthcheck-client is new)',
    '    point-link /opt/etcd/etcd /opt/etcd/3.5.30 (it is not there)',
    '    start-unit (it does not run)',
    '    upload etcdctl /opt/etcd/3.5.30 (it is not there)',
    '    upload etcdutl /opt/etcd/3.5.30 (it is not there)',
    '    await-ready (ready means it had quorum once)',
    '  gate etcd01',
    'record that the cluster exists',
    '  etcd01:',
    '    write-files /etc/etcd/etcd.conf (the cluster exists from now on; no restart is needed)',
  ],
  { wipe: true },
);
