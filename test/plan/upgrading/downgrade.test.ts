import test from 'ava';
import { foundOf } from '../../../src/observed/found.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { placed } from '../../../src/plan/lane.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { halfUpgraded } from '../../../src/plan/upgrading/half-upgraded.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, type SeenFacts, settled, UP, wanted } from '../facts.ts';

const at = (version: string, settings = {}) => wanted(3, { etcd: { version, settings } });
const NAMES = ['etcd01', 'etcd02', 'etcd03'];

/** Three members of these versions; those from 3.6 on say what the cluster was told to go down to. */
function running(versions: readonly string[], to: string, downgradeTo?: string): SeenFacts {
  const versionAt = (index: number) => versions[index] ?? versions[0] ?? to;
  const facts = NAMES.reduce(
    (all, name, index) => {
      const version = versionAt(index);
      const isTold = downgradeTo !== undefined && !version.startsWith('3.5.');
      const found = foundOf(settled(at(version)), name);
      return but(all, name, ({ etcd, program }) => ({
        ...found,
        // A host has the programs of the inventory only where they run.
        binaries: version === to && found ? found.binaries : new Map(),
        etcd: {
          ...etcd,
          ...(etcd.status && {
            status: { ...etcd.status, version, ...(isTold && { downgradeTo }) },
          }),
        },
        program: { ...(found?.program ?? program), running: version },
      }));
    },
    settled(at(versionAt(0))),
  );
  return { ...facts, binaries: settled(at(to)).binaries };
}

const titles = ({ waves }: Plan) => waves.map(({ title }) => title);
const told = ({ refusals }: Plan) =>
  refusals.map(({ sentence, next }) => `${sentence} | ${nextText(next)}`);
const kinds = (plan: Plan, title: string) => {
  const wave = plan.waves.find((one) => one.title === title);
  return [wave?.lanes, wave?.undo].map((lanes = []) =>
    placed(lanes).map(({ place, step: { kind } }) => `${place} ${kind}`),
  );
};

test('planCluster() has the cluster go down first, then its members, the leader last', (t) => {
  const plan = planCluster(at('3.5.33'), running(['3.6.14'], '3.5.33'), UP);
  t.deepEqual(told(plan), []);
  t.deepEqual(titles(plan), [
    'bring programs',
    'have the cluster go down to 3.5',
    ...['etcd02', 'etcd03', 'etcd01'].map((name) => `take ${name} back to 3.5.33`),
    'see that all serve 3.5.33',
  ]);
  const lower = plan.waves[1];
  t.deepEqual(lower?.gate.at(-1), { kind: 'cluster-at', members: NAMES, version: '3.5' });
  t.deepEqual(kinds(plan, 'have the cluster go down to 3.5'), [
    ['etcd01 enable-downgrade'],
    ['etcd01 cancel-downgrade'],
  ]);
  t.is(plan.notes?.length, 1);
});

test('planCluster() asks the etcdctl of the version that runs, wherever the link leads', (t) => {
  const plan = planCluster(at('3.5.33'), running(['3.6.14'], '3.5.33'), UP);
  const own = plan.waves.flatMap(({ lanes, undo }) =>
    [...lanes, ...undo].flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'enable-downgrade' || step.kind === 'cancel-downgrade'
          ? [step.own.paths.current]
          : [],
      ),
    ),
  );
  t.deepEqual([...new Set(own)], ['/opt/etcd/3.6.14']);
});

test('planCluster() cancels a downgrade whose first member does not come up, and of no later one', (t) => {
  const plan = planCluster(at('3.5.33'), running(['3.6.14'], '3.5.33'), UP);
  const undone = plan.waves
    .filter(({ turn }) => turn !== undefined)
    .map(({ undo }) => placed(undo).at(-1)?.step.kind);
  t.deepEqual(undone, ['cancel-downgrade', 'await-ready', 'await-ready']);
});

test('planCluster() goes on with a downgrade that was cut off, before and behind the first member', (t) => {
  const all = planCluster(at('3.5.33'), running(['3.6.14'], '3.5.33', '3.5.0'), UP);
  t.true(titles(all).includes('have the cluster go down to 3.5'));
  const facts = running(['3.6.14', '3.5.33', '3.6.14'], '3.5.33', '3.5.0');
  t.deepEqual(titles(planCluster(at('3.5.33'), facts, UP)).slice(1), [
    ...['etcd03', 'etcd01'].map((name) => `take ${name} back to 3.5.33`),
    'see that all serve 3.5.33',
  ]);
});

test('planCluster() cancels a downgrade and takes members back where the inventory says so', (t) => {
  const begun = planCluster(at('3.6.14'), running(['3.6.14'], '3.6.14', '3.5.0'), UP);
  t.deepEqual(titles(begun), ['cancel the downgrade']);
  t.deepEqual(begun.waves.at(-1)?.gate.at(-1), {
    kind: 'cluster-at',
    members: NAMES,
    version: '3.6',
  });
  const half = planCluster(
    at('3.6.14'),
    running(['3.6.14', '3.5.33', '3.6.14'], '3.6.14', '3.5.0'),
    UP,
  );
  t.deepEqual(titles(half).slice(1), [
    'cancel the downgrade',
    'upgrade etcd02 to 3.6.14',
    'see that all serve 3.6.14',
  ]);
  t.false(half.waves.at(-3)?.gate.some(({ kind }) => kind === 'cluster-at') ?? true);
});

test('planCluster() goes back by one minor version, to where one comes up again, and no further', (t) => {
  t.deepEqual(titles(planCluster(at('3.6.14'), running(['3.7.1'], '3.6.14'), UP)).slice(1, 2), [
    'have the cluster go down to 3.6',
  ]);
  const cases = [
    ['3.6.14', '3.5.16', 'set etcd.version to 3.5.33'],
    ['3.6.14', '3.4.45', 'set etcd.version to 3.5.33'],
    ['3.7.1', '3.5.33', 'set etcd.version to 3.6.14'],
    ['3.5.33', '3.4.45', 'set etcd.version to 3.5.33 or a later 3.5.x'],
  ] as const;
  for (const [from, to, next] of cases) {
    const [refusal = ''] = told(planCluster(at(to), running([from], to), UP));
    t.regex(refusal, /a change of minor version, which up does not do/, `${from} to ${to}`);
    t.true(refusal.includes(next), refusal);
  }
  // An upgrade that was cut off is not a downgrade.
  const mixed = running(['3.6.14', '3.5.33', '3.6.14'], '3.5.33');
  t.regex(told(planCluster(at('3.5.33'), mixed, UP))[0] ?? '', /which up does not do/);
});

test('planCluster() begins no downgrade beside an alarm, users, or a member that does not answer', (t) => {
  const facts = running(['3.6.14'], '3.5.33');
  const alarm = but(facts, 'etcd02', ({ etcd }) => ({
    etcd: {
      ...etcd,
      ...(etcd.status && { status: { ...etcd.status, errors: ['memberID:1 alarm:NOSPACE'] } }),
    },
  }));
  t.regex(told(planCluster(at('3.5.33'), alarm, UP))[0] ?? '', /a downgrade begins without any/);
  const users = butAll(facts, ({ etcd }) => ({ etcd: { ...etcd, asksForUser: true } }));
  t.regex(told(planCluster(at('3.5.33'), users, UP))[0] ?? '', /only root may have the cluster go/);
  const sick = but(facts, 'etcd02', ({ etcd }) => ({
    etcd: { ...etcd, healthy: false, complaint: 'no answer' },
  }));
  t.regex(
    told(planCluster(at('3.5.33'), sick, UP))[0] ?? '',
    /a downgrade to 3\.5 needs every member/,
  );
});

test('planCluster() has every log begin behind what 3.5 wrote before 3.7 reads it', (t) => {
  const plan = planCluster(at('3.7.1'), running(['3.6.14'], '3.7.1'), UP);
  t.deepEqual(told(plan), []);
  t.deepEqual(titles(plan).slice(1, 4), [
    'have the cluster go down to 3.5',
    'have the cluster come up again',
    'upgrade etcd02 to 3.7.1',
  ]);
  const users = butAll(running(['3.6.14'], '3.7.1'), ({ etcd }) => ({
    etcd: { ...etcd, asksForUser: true },
  }));
  const beside = planCluster(at('3.7.1'), users, UP);
  t.is(titles(beside)[1], 'upgrade etcd02 to 3.7.1');
  t.regex(beside.notes?.[1] ?? '', /only root may have members begin new logs/);
  const begun = running(['3.6.14', '3.7.1', '3.6.14'], '3.7.1');
  t.deepEqual(titles(planCluster(at('3.7.1'), begun, UP)).slice(1), [
    ...['etcd03', 'etcd01'].map((name) => `upgrade ${name} to 3.7.1`),
    'see that all serve 3.7.1',
  ]);
});

test('halfUpgraded() tells how far a downgrade is, and both ways out of it', (t) => {
  const half = running(['3.6.14', '3.5.33', '3.6.14'], '3.5.33', '3.5.0');
  const say = (version: string, facts: SeenFacts) =>
    halfUpgraded(at(version), facts).map(({ sentence, next }) => [
      sentence,
      nextText(
        next.map((one) => ({ ...one, requires: [] })),
        'i',
      ),
    ]);
  t.deepEqual(say('3.5.33', half), [
    [
      'a downgrade to 3.5 is half done: etcd02 with 3.5.33; etcd01, etcd03 with 3.6.14',
      'provision up i; or to go back: set etcd.version to 3.6.14, then: provision up i, which cancels it and brings those that were changed back',
    ],
  ]);
  t.deepEqual(say('3.6.14', running(['3.6.14'], '3.6.14', '3.5.0')), [
    [
      'a downgrade to 3.5 is begun: etcd01, etcd02, etcd03 with 3.6.14',
      'provision up i, which cancels it; or to go on: set etcd.version to 3.5.33, then: provision up i',
    ],
  ]);
});
