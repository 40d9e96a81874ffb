import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { placed } from '../../../src/plan/lane.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, but, butAll, type SeenFacts, settled, stopped, UP, wanted } from '../facts.ts';

const at = (version: string, settings = {}) => wanted(3, { etcd: { version, settings } });

/** Three members that run a version, beside the programs of those they pass through. */
function running(version: string, over: readonly string[] = []): SeenFacts {
  const facts = settled(at(version));
  const seen = butAll(facts, ({ etcd, program }) => ({
    etcd: { ...etcd, ...(etcd.status && { status: { ...etcd.status, version } }) },
    program: { ...program, running: version },
  }));
  const programs = new Map(
    over.map((one) => [one, { binaries: settled(at(one)).binaries, there: new Map() }] as const),
  );
  return { ...seen, programs };
}

/** The facts of a run with the inventory's version: its own programs are not on the hosts yet. */
function seen(version: string, to: string, over: readonly string[] = []): SeenFacts {
  const facts = running(version, over);
  const { binaries } = settled(at(to));
  return { ...butAll(facts, () => ({ binaries: new Map() })), binaries };
}

const titles = ({ waves }: Plan) => waves.map(({ title }) => title);
const told = ({ refusals }: Plan) =>
  refusals.map(({ sentence, next }) => `${sentence} | ${nextText(next)}`);

test('planCluster() goes to the next minor version one by one, the leader last', (t) => {
  const plan = planCluster(at('3.5.30'), seen('3.4.23', '3.5.30'), UP);
  t.deepEqual(told(plan), []);
  t.deepEqual(titles(plan), [
    'bring programs',
    'upgrade etcd02 to 3.5.30',
    'upgrade etcd03 to 3.5.30',
    'upgrade etcd01 to 3.5.30',
    'see that all serve 3.5.30',
  ]);
  const last = plan.waves.at(-1);
  t.deepEqual(last?.gate.at(-1), {
    kind: 'serves-version',
    members: ['etcd01', 'etcd02', 'etcd03'],
    version: '3.5.30',
  });
  t.is(plan.notes?.length, 1);
});

test('planCluster() takes all members through one version before it goes to the next', (t) => {
  const plan = planCluster(at('3.6.14'), seen('3.5.30', '3.6.14', ['3.5.33']), UP);
  t.deepEqual(told(plan), []);
  t.deepEqual(titles(plan), [
    'bring programs of 3.6.14',
    'bring programs',
    ...['etcd02', 'etcd03', 'etcd01'].map((name) => `upgrade ${name} to 3.5.33`),
    'see that all serve 3.5.33',
    ...['etcd02', 'etcd03', 'etcd01'].map((name) => `upgrade ${name} to 3.6.14`),
    'see that all serve 3.6.14',
  ]);
});

test('planCluster() looks for the v2 API with the tool of 3.5 while a member is stopped for 3.6', (t) => {
  const plan = planCluster(at('3.6.14'), seen('3.5.30', '3.6.14', ['3.5.33']), UP);
  const checks = plan.waves.flatMap(({ title, lanes }) =>
    lanes.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'restart-unit' ? [[title, step.v2Check?.tool] as const] : [],
      ),
    ),
  );
  t.deepEqual(checks, [
    ...['etcd02', 'etcd03', 'etcd01'].map((name) => [`upgrade ${name} to 3.5.33`, undefined]),
    ...['etcd02', 'etcd03', 'etcd01'].map((name) => [
      `upgrade ${name} to 3.6.14`,
      '/opt/etcd/3.5.33/etcdutl',
    ]),
  ]);
});

test('planCluster() undoes a turn with the program and the configuration that ran before it', (t) => {
  const plan = planCluster(at('3.6.14'), seen('3.5.30', '3.6.14', ['3.5.33']), UP);
  const links = plan.waves.flatMap(({ title, undo }) =>
    undo.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'point-link' ? [`${title}: back to ${step.target}`] : [],
      ),
    ),
  );
  t.deepEqual(links, [
    ...['etcd02', 'etcd03', 'etcd01'].map(
      (name) => `upgrade ${name} to 3.5.33: back to /opt/etcd/3.5.30`,
    ),
    ...['etcd02', 'etcd03', 'etcd01'].map(
      (name) => `upgrade ${name} to 3.6.14: back to /opt/etcd/3.5.33`,
    ),
  ]);
});

test('planCluster() puts nobody back once the last member has come up with another minor version', (t) => {
  const plan = planCluster(at('3.6.14'), seen('3.5.30', '3.6.14', ['3.5.33']), UP);
  t.deepEqual(
    plan.waves.flatMap(({ title, pointOfNoReturn }) =>
      pointOfNoReturn === undefined ? [] : [`${title}: ${pointOfNoReturn}`],
    ),
    ['upgrade etcd01 to 3.6.14: await-ready'],
  );
  const last = plan.waves.find(({ title }) => title === 'upgrade etcd01 to 3.6.14');
  t.is(last?.undo[0]?.steps[0]?.kind, 'require-not-taken-up');
});

test('planCluster() brings what each upload must say that it is', (t) => {
  const plan = planCluster(at('3.6.14'), seen('3.5.30', '3.6.14', ['3.5.33']), UP);
  const uploads = plan.waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'upload' && step.binary.name === 'etcd'
          ? [`${step.binary.sha256} ${step.directory} ${step.trial.version}`]
          : [],
      ),
    ),
  );
  const sumOf = (version: string) =>
    settled(at(version)).binaries.find(({ name }) => name === 'etcd')?.sha256;
  t.deepEqual(
    [...new Set(uploads)],
    ['3.6.14', '3.5.33'].map((one) => `${sumOf(one)} /opt/etcd/${one} ${one}`),
  );
});

test('planCluster() finishes an upgrade that was cut off with those that lag', (t) => {
  const lagging = seen('3.5.33', '3.6.14');
  const ahead = running('3.6.14').members.get('etcd02');
  const begun = but(lagging, 'etcd02', () => ({ ...ahead }));
  const plan = planCluster(at('3.6.14'), begun, UP);
  t.deepEqual(told(plan), []);
  t.deepEqual(
    titles(plan).filter((title) => title.startsWith('upgrade')),
    ['upgrade etcd03 to 3.6.14', 'upgrade etcd01 to 3.6.14'],
  );
});

test('planCluster() has a member that stopped half-way follow the others', (t) => {
  const ahead = (name: string) => running('3.6.14').members.get(name);
  const lagging = seen('3.5.33', '3.6.14');
  const first = but(lagging, 'etcd02', () => ({ ...ahead('etcd02') }));
  const begun = but(first, 'etcd03', (found) => ({
    ...stopped(found),
    current: '/opt/etcd/3.5.33',
    program: {
      ...found.program,
      running: undefined,
      loaded: { path: '/opt/etcd/etcd/etcd', version: '3.5.33', complaint: undefined },
    },
  }));
  const plan = planCluster(at('3.6.14'), begun, UP);
  t.deepEqual(told(plan), []);
  t.deepEqual(
    plan.waves.flatMap(({ lanes }) =>
      placed(lanes).flatMap(({ place, step }) =>
        step.kind === 'start-unit' || step.kind === 'restart-unit'
          ? [`${step.kind} ${place} ${step.program?.version} ${step.v2Check?.tool}`]
          : [],
      ),
    ),
    [
      'start-unit etcd03 3.6.14 /opt/etcd/3.5.33/etcdutl',
      'restart-unit etcd01 3.6.14 /opt/etcd/3.5.33/etcdutl',
    ],
  );
});

test('planCluster() finishes what was begun beside an alarm', (t) => {
  const ahead = running('3.6.14').members.get('etcd02');
  const lagging = butAll(
    but(seen('3.5.33', '3.6.14'), 'etcd02', () => ({ ...ahead })),
    ({ etcd }) => ({
      etcd: {
        ...etcd,
        ...(etcd.status && { status: { ...etcd.status, errors: ['memberID:1 alarm:NOSPACE '] } }),
      },
    }),
  );
  t.deepEqual(told(planCluster(at('3.6.14'), lagging, UP)), []);
});

test('planCluster() takes nobody over a version that another member has left behind', (t) => {
  const ahead = running('3.6.14').members.get('etcd02');
  const mixed = but(seen('3.5.30', '3.7.1'), 'etcd02', () => ({ ...ahead }));
  const { binaries } = settled(at('3.6.14'));
  const there = new Map(ahead === undefined ? [] : [['etcd02', ahead.binaries]]);
  const programs = new Map([['3.6.14', { binaries, there }]]);
  const plan = planCluster(at('3.7.1'), { ...mixed, programs }, UP);
  t.deepEqual(told(plan), []);
  t.deepEqual(
    titles(plan).filter((title) => title.startsWith('upgrade')),
    [
      ...['etcd03', 'etcd01'].map((name) => `upgrade ${name} to 3.6.14`),
      ...['etcd02', 'etcd03', 'etcd01'].map((name) => `upgrade ${name} to 3.7.1`),
    ],
  );
});

test('planCluster() puts no program in the place of one that does not say its version', (t) => {
  const facts = but(seen('3.5.33', '3.6.14'), 'etcd02', ({ etcd, program }) => ({
    etcd: { ...etcd, status: undefined },
    program: { ...program, running: undefined },
  }));
  const sentences = told(planCluster(at('3.6.14'), facts, UP));
  t.true(
    sentences.some((one) =>
      /^etcd02: neither its etcd nor its program says which version runs/.test(one),
    ),
    sentences.join('\n'),
  );
});

test('planCluster() says which versions the source has to have', (t) => {
  const plan = planCluster(at('3.6.14'), seen('3.4.23', '3.6.14'), UP);
  t.deepEqual(told(plan), [
    'prod: the way from etcd 3.4.23 to 3.6.14 leads over 3.5.33, and etcd.source has the programs of 3.6.14 only | give etcd.source {release: {}}, which has them all; or go step by step: set etcd.version to 3.5.33 with its programs in etcd.source, then: provision up INVENTORY',
  ]);
});

test('planCluster() does not go from 3.4 to 3.5 with authentication on', (t) => {
  const facts = but(seen('3.4.23', '3.5.30'), 'etcd02', ({ etcd }) => ({
    etcd: { ...etcd, asksForUser: true },
  }));
  const [sentence = ''] = told(planCluster(at('3.5.30'), facts, UP));
  t.regex(sentence, /^prod: authentication is on, and members of 3\.4 and 3\.5 do not work/);
});

test('planCluster() begins no upgrade beside an alarm', (t) => {
  const facts = but(seen('3.4.23', '3.5.30'), 'etcd02', ({ etcd }) => ({
    etcd: {
      ...etcd,
      ...(etcd.status && { status: { ...etcd.status, errors: ['memberID:1 alarm:NOSPACE '] } }),
    },
  }));
  const [sentence = ''] = told(planCluster(at('3.5.30'), facts, UP));
  t.regex(sentence, /^prod: etcd reports an alarm .*NOSPACE/);
});

test('planCluster() does not change members and the minor version in one go', (t) => {
  const facts = seen('3.4.23', '3.5.30');
  const four = wanted(4, { etcd: { version: '3.5.30' } });
  const newcomer = bare(four).members.get('etcd04');
  if (newcomer === undefined) throw new Error('no etcd04');
  const members = new Map(facts.members).set('etcd04', newcomer);
  const [sentence = ''] = told(planCluster(four, { ...facts, members }, UP));
  t.regex(sentence, /its list of members is not what the inventory says \(etcd04\)/);
});

test('planCluster() upgrades a single member only where downtime is accepted', (t) => {
  const one = (version: string) => wanted(1, { etcd: { version } });
  const facts = butAll(
    { ...settled(one('3.4.23')), binaries: settled(one('3.5.30')).binaries },
    ({ etcd, program }) => ({
      binaries: new Map(),
      program: { ...program, running: '3.4.23' },
      etcd: { ...etcd, ...(etcd.status && { status: { ...etcd.status, version: '3.4.23' } }) },
    }),
  );
  const [sentence = ''] = told(planCluster(one('3.5.30'), facts, UP));
  t.regex(sentence, /with 1 member the cluster takes no writes meanwhile/);
  const plan = planCluster(one('3.5.30'), facts, { ...UP, allowDowntime: true });
  t.true(titles(plan).includes('upgrade etcd01 to 3.5.30'));
});

test('planCluster() changes the account and the resources of the unit with the first version, not with each', (t) => {
  const etcd = { version: '3.6.14', user: 'etcd2', service: { Nice: 5 } };
  const facts = butAll(seen('3.5.30', '3.6.14', ['3.5.33']), ({ unit }) => ({
    unit: { ...unit, process: unit.process && { ...unit.process, account: 'etcd' } },
  }));
  const plan = planCluster(wanted(3, { etcd }), facts, UP);
  t.deepEqual(told(plan), []);
  const steps = placed(plan.waves.flatMap(({ lanes }) => lanes)).flatMap(({ place, step }) =>
    place === 'etcd02' && step.kind === 'restart-unit' ? [step] : [],
  );
  t.deepEqual(
    steps.map(({ handover }) => handover?.account),
    ['etcd2', undefined],
  );
  t.deepEqual(
    steps.map(({ because }) => /Nice|etcd2/.test(because)),
    [true, false],
  );
});
