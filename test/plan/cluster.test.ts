import test from 'ava';
import fc from 'fast-check';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { stepsOf } from '../../src/plan/lane.ts';
import {
  bare,
  but,
  butAll,
  FRESH,
  hanging,
  type SeenFacts,
  settled,
  stopped,
  UP,
  wanted,
} from './facts.ts';
import { executePlan } from './model.ts';
import { firstStart, outline } from './outline.ts';

const three = wanted();

const plans = test.macro(
  (t, desired: DesiredCluster, facts: SeenFacts, expected: readonly string[]) => {
    t.deepEqual(outline(planCluster(desired, facts, UP)), expected);
  },
);

const MAKE_CERTIFICATES = [
  'make certificates',
  '  here:',
  '    create-ca (the store has no CA)',
  '    issue-certificate etcd01/server (the CA is new)',
  '    issue-certificate etcd02/server (the CA is new)',
  '    issue-certificate etcd03/server (the CA is new)',
  '    issue-certificate etcd01/peer (the CA is new)',
  '    issue-certificate etcd02/peer (the CA is new)',
  '    issue-certificate etcd03/peer (the CA is new)',
  '    issue-certificate etcd01/healthcheck-client (the CA is new)',
  '    issue-certificate etcd02/healthcheck-client (the CA is new)',
  '    issue-certificate etcd03/healthcheck-client (the CA is new)',
  '    issue-certificate admin (the CA is new)',
];
const RECORD = [
  'record that the cluster exists',
  '  etcd01 etcd02 etcd03:',
  '    write-files /etc/etcd/etcd.conf (the cluster exists from now on; no restart is needed)',
];
const RECORD_LOGS = [
  'record the logs',
  '  etcd01 etcd02 etcd03:',
  '    record-log (it is not recorded)',
];
const PREPARE =
  'prepare-host /etc/etcd /var/lib/etcd (there is no account etcd, /etc/etcd/etcd.conf is missing, /var/lib/etcd is missing)';
const WRITE = 'write-files /etc/etcd/etcd.conf /etc/systemd/system/etcd.service (it is missing)';
const ENABLE = 'enable-unit (it would not start at boot)';
const INSTALL =
  'install-certificates (the CA is missing there, server is missing there, peer is missing there, healthcheck-client is missing there)';
const UPLOAD = 'upload etcd /opt/etcd/3.5.30 (it is not there)';
const LINK = 'point-link /opt/etcd/etcd /opt/etcd/3.5.30 (it is not there)';
const START = 'start-unit (it does not run)';
const TOOLS = [
  'upload etcdctl /opt/etcd/3.5.30 (it is not there)',
  'upload etcdutl /opt/etcd/3.5.30 (it is not there)',
];
const AWAIT = 'await-ready (ready means it had quorum once)';
const GATE = '  gate etcd01 etcd02 etcd03';

function startTogether(...steps: readonly string[]): readonly string[] {
  return ['start etcd01, etcd02, etcd03 together', ...firstStart(steps), GATE, ...RECORD];
}

const BEFORE_START = 6;

/** The hosts as a first start over https leaves them when every lane is killed after so many steps of the first one. */
function killedAfter(steps: number): SeenFacts {
  const facts = bare(three);
  const plan = planCluster(three, facts, UP);
  const isWaiting = (lane: number) => lane > 0 && steps > BEFORE_START;
  return executePlan(three, facts, plan, (wave, lane) =>
    wave === 0 ? Number.POSITIVE_INFINITY : steps + (isWaiting(lane) ? 1 : 0),
  );
}

test('planCluster() starts bare machines together', plans, three, bare(three), [
  ...MAKE_CERTIFICATES,
  ...startTogether(
    PREPARE,
    UPLOAD,
    WRITE,
    ENABLE,
    'install-certificates (server is new, peer is new, healthcheck-client is new)',
    LINK,
    START,
    ...TOOLS,
    AWAIT,
  ),
]);

test(
  'planCluster() over http needs no certificates',
  plans,
  wanted(1, { protocol: 'http' }),
  bare(wanted(1, { protocol: 'http' })),
  [
    'start etcd01',
    '  etcd01:',
    ...[PREPARE, UPLOAD, WRITE, ENABLE, LINK, START, ...TOOLS, AWAIT].map((step) => `    ${step}`),
    '  gate etcd01',
    'record that the cluster exists',
    '  etcd01:',
    '    write-files /etc/etcd/etcd.conf (the cluster exists from now on; no restart is needed)',
  ],
);

test('planCluster() before 3.5 brings no etcdutl, and installed programs are not brought', (t) => {
  const uploads = (etcd: object) => {
    const desired = wanted(1, { etcd });
    const facts = bare(desired);
    const binaries = 'source' in etcd ? [] : facts.binaries;
    return planCluster(desired, { ...facts, binaries }, UP)
      .waves.flatMap(({ lanes }) => stepsOf(lanes))
      .filter(({ kind }) => kind === 'upload' || kind === 'point-link').length;
  };
  t.is(uploads({ version: '3.5.30' }), 4);
  t.is(uploads({ version: '3.4.23' }), 3);
  t.is(uploads({ version: '3.5.30', source: { installed: '/usr/bin' } }), 0);
});

test(
  'planCluster() after the certificates were made',
  plans,
  three,
  killedAfter(0),
  startTogether(PREPARE, UPLOAD, WRITE, ENABLE, INSTALL, LINK, START, ...TOOLS, AWAIT),
);

test(
  'planCluster() after the directories were made',
  plans,
  three,
  killedAfter(1),
  startTogether(
    'prepare-host /etc/etcd /var/lib/etcd (/etc/etcd/etcd.conf is missing)',
    UPLOAD,
    WRITE,
    ENABLE,
    INSTALL,
    LINK,
    START,
    ...TOOLS,
    AWAIT,
  ),
);

test(
  'planCluster() after etcd was brought',
  plans,
  three,
  killedAfter(2),
  startTogether(
    'prepare-host /etc/etcd /var/lib/etcd (/etc/etcd/etcd.conf is missing)',
    ...[WRITE, ENABLE, INSTALL, LINK, START, ...TOOLS, AWAIT],
  ),
);

test(
  'planCluster() after the files were written',
  plans,
  three,
  killedAfter(3),
  startTogether(ENABLE, INSTALL, LINK, START, ...TOOLS, AWAIT),
);

test(
  'planCluster() after the unit was enabled',
  plans,
  three,
  killedAfter(4),
  startTogether(INSTALL, LINK, START, ...TOOLS, AWAIT),
);

test(
  'planCluster() after the certificates were installed',
  plans,
  three,
  killedAfter(5),
  startTogether(LINK, START, ...TOOLS, AWAIT),
);

test(
  'planCluster() after the link was made',
  plans,
  three,
  killedAfter(6),
  startTogether(START, ...TOOLS, AWAIT),
);

test(
  'planCluster() after the start, before etcdctl can be asked, waits for all',
  plans,
  three,
  killedAfter(7),
  [
    'bring programs',
    '  etcd01 etcd02 etcd03:',
    ...TOOLS.map((step) => `    ${step}`),
    'wait for quorum',
    GATE,
    ...RECORD,
    ...RECORD_LOGS,
  ],
);

test(
  'planCluster() once all have published themselves only records it, one by one, the leader last',
  plans,
  three,
  killedAfter(9),
  [
    ...['etcd02', 'etcd03', 'etcd01'].flatMap((name) => [
      `change ${name}`,
      `  before ${['etcd01', 'etcd02', 'etcd03'].filter((other) => other !== name).join(' ')}`,
      `  ${name}:`,
      '    write-files /etc/etcd/etcd.conf (its content differs)',
      '  or back:',
      `  ${name}:`,
      '    write-files /etc/etcd/etcd.conf (the change failed)',
      GATE,
    ]),
    ...RECORD_LOGS,
  ],
);

test('planCluster() leaves a member alone that waits for quorum, and starts the others', (t) => {
  const facts = bare(three);
  const plan = planCluster(three, facts, UP);
  const one = executePlan(three, facts, plan, (wave, lane) =>
    wave === 0 || lane === 0 ? Number.POSITIVE_INFINITY : 6,
  );
  t.deepEqual(outline(planCluster(three, one, UP)), [
    'start etcd02, etcd03 together',
    '  etcd02 etcd03:',
    ...[START, ...TOOLS, AWAIT].map((step) => `    ${step}`),
    GATE,
    ...RECORD,
  ]);
});

test('planCluster() lets a third member in that never started, though two already are a cluster', (t) => {
  const facts = bare(three);
  const plan = planCluster(three, facts, UP);
  const two = executePlan(three, facts, plan, (wave, lane) =>
    wave === 0 || lane < 2 ? Number.POSITIVE_INFINITY : 6,
  );
  t.deepEqual(outline(planCluster(three, two, UP)), [
    'start etcd03',
    '  etcd03:',
    ...[START, ...TOOLS, AWAIT].map((step) => `    ${step}`),
    GATE,
    ...RECORD,
  ]);
});

test('planCluster() keeps the token of the first start that the hosts have', (t) => {
  const tokens = (facts: SeenFacts) =>
    new Set(
      planCluster(three, facts, UP)
        .waves.flatMap(({ lanes }) => stepsOf(lanes))
        .flatMap((step) => (step.kind === 'write-files' ? step.files : []))
        .flatMap(({ file }) => /TOKEN="(.*)"/.exec(file.content)?.[1] ?? []),
    );
  t.deepEqual(tokens(bare(three)), new Set([FRESH]));
  const kept = killedAfter(3);
  const laterRun = { ...UP, freshToken: 'another' };
  t.true(
    planCluster(three, kept, laterRun).waves.every(
      (wave) => !JSON.stringify(wave).includes('another'),
    ),
  );
});

test(
  'planCluster() has nothing to do where all is as it should be',
  plans,
  three,
  settled(three),
  [],
);

test(
  'planCluster() starts a cluster again that was stopped, together',
  plans,
  three,
  butAll(settled(three), stopped),
  [
    'start etcd01, etcd02, etcd03 together',
    '  etcd01 etcd02 etcd03:',
    `    ${START}`,
    `    ${AWAIT}`,
    GATE,
  ],
);

test(
  'planCluster() waits where all members hang, and changes nothing',
  plans,
  three,
  butAll(settled(three), hanging),
  ['wait for quorum', GATE],
);

test(
  'planCluster() waits for one member that hangs',
  plans,
  three,
  but(settled(three), 'etcd02', hanging),
  ['wait for etcd02', GATE],
);

/** A kill: the wave it happens in, and how many steps each lane has done by then. */
const kill = fc.record({
  wave: fc.nat(4),
  steps: fc.array(fc.nat(12), { minLength: 5, maxLength: 5 }),
});

test('planCluster() is done after one more run, wherever earlier runs were killed', (t) => {
  const wishes = { ...UP, allowDowntime: true };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('http', 'https'),
      fc.constantFrom('store', 'host'),
      fc.constantFrom('first start', 'changed setting', 'other keys', 'stopped'),
      fc.array(kill, { maxLength: 3 }),
      (members, protocol, keys, situation, kills) => {
        const common = { protocol, pki: { keys } };
        const before = wanted(members, common);
        const changes: Readonly<Record<string, object>> = {
          'changed setting': {
            etcd: { version: '3.5.30', settings: { 'heartbeat-interval': 200 } },
          },
          'other keys': { pki: { keys: keys === 'store' ? 'host' : 'store' } },
        };
        const desired = wanted(members, { ...common, ...changes[situation] });
        const start = {
          'first start': () => bare(desired),
          'changed setting': () => settled(before),
          'other keys': () => settled(before),
          stopped: () => butAll(settled(before), stopped),
        }[situation]();

        const killed = kills.reduce(
          (facts, { wave, steps }) =>
            executePlan(desired, facts, planCluster(desired, facts, wishes), (at, lane) =>
              at === wave ? (steps[lane] ?? 0) : Number.POSITIVE_INFINITY,
            ),
          start,
        );
        const last = planCluster(desired, killed, wishes);
        const done = planCluster(desired, executePlan(desired, killed, last), wishes);
        return last.refusals.length === 0 && outline(done).length === 0;
      },
    ),
    {
      numRuns: 300,
      examples: [
        [3, 'https', 'store', 'first start', [{ wave: 1, steps: [7, 7, 8, 0, 0] }]],
        [3, 'https', 'store', 'other keys', [{ wave: 0, steps: [3, 1, 2, 0, 0] }]],
        [3, 'https', 'host', 'other keys', [{ wave: 0, steps: [4, 0, 0, 0, 0] }]],
      ],
    },
  );
  t.pass();
});

test('planCluster() decides the same from the same facts', (t) => {
  const [once, twice] = [1, 2].map(() => planCluster(three, killedAfter(3), UP));
  t.deepEqual(once, twice);
});
