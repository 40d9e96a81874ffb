import test from 'ava';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { unifiedDiff } from '../../src/plan/diff.ts';
import { allWell } from '../../src/plan/gate.ts';
import { isHarmless } from '../../src/plan/harmless.ts';
import { placed } from '../../src/plan/lane.ts';
import type { Wave } from '../../src/plan/plan.ts';
import type { Step } from '../../src/plan/step.ts';
import { nextText } from '../../src/problem/render.ts';
import { but, butAll, type SeenFacts, settled, stopped, UP, wanted } from './facts.ts';

const three = wanted();
const later = wanted(3, {
  etcd: { version: '3.5.31', settings: { 'max-request-bytes': 2_000_000 } },
});

/** Running clusters to which much is to be done. */
const SCENES: Readonly<Record<string, readonly [DesiredCluster, SeenFacts]>> = {
  'a patch, and a setting': [later, { ...settled(three), binaries: settled(later).binaries }],
  'programs gone, an account, owners and modes that differ': [
    three,
    butAll(settled(three), ({ data, machine }) => ({
      binaries: new Map(),
      machine: { ...machine, accountExists: false },
      data: data && { ...data, mode: 0o755, owner: 'root:root', stranger: '/var/lib/etcd/member' },
    })),
  ],
  'one stopped with the data of somebody else': [
    three,
    but(settled(three), 'etcd02', (found) => ({
      ...stopped(found),
      data: found.data && { ...found.data, owner: 'root:root', stranger: '/var/lib/etcd/member' },
    })),
  ],
  'certificates gone': [
    three,
    butAll(settled(three), () => ({ pki: { target: undefined, files: new Map() } })),
  ],
};

/** The steps of a wave on hosts whose etcd runs when it begins. */
function onRunning({ lanes }: Wave, facts: SeenFacts): readonly { host: string; step: Step }[] {
  return placed(lanes)
    .map(({ place, step }) => ({ host: place, step }))
    .filter(({ host }) => (facts.members.get(host)?.unit.pid ?? 0) > 0);
}

/** What etcd reads only where it has no log yet may be noted for all at once. */
function isRecord(step: Step): boolean {
  if (step.kind !== 'write-files') return false;
  return step.files.every(({ file, before }) =>
    unifiedDiff(file.path, before, file.content)
      .split('\n')
      .every((line) => !/^[+-]/.test(line) || /^[+-]ETCD_INITIAL_CLUSTER_STATE=/.test(line)),
  );
}

for (const [title, [desired, facts]] of Object.entries(SCENES))
  test(`planCluster() does what a running etcd could notice to one member, with a gate: ${title}`, (t) => {
    const { waves, refusals } = planCluster(desired, facts, UP);
    t.deepEqual(refusals, []);
    t.not(waves.length, 0);
    for (const wave of waves) {
      const harmful = onRunning(wave, facts).filter(
        ({ step }) => !isHarmless(step) && !isRecord(step),
      );
      const hosts = new Set(harmful.map(({ host }) => host));
      t.true(hosts.size <= 1, `${wave.title}: ${JSON.stringify([...hosts])}`);
      if (hosts.size === 0) continue;
      t.deepEqual(
        [wave.gate, wave.lanes.length],
        [allWell(['etcd01', 'etcd02', 'etcd03']), 1],
        wave.title,
      );
      t.not(wave.before?.length ?? 0, 0, wave.title);
    }
  });

test('isHarmless() is asked of a change of owner by how far down it goes', (t) => {
  const step = (whole: boolean): Step => ({
    kind: 'prepare-host',
    account: 'etcd',
    directories: [{ path: '/var/lib/etcd', mode: 0o700, owner: 'etcd:etcd', whole }],
    because: '',
  });
  t.deepEqual([step(true), step(false)].map(isHarmless), [false, true]);
});

test('planCluster() refuses to give members over that a hand has started as root', (t) => {
  const runsAs = (account: string) =>
    butAll(settled(three), ({ unit }) => ({
      unit: { ...unit, process: unit.process && { ...unit.process, account } },
    }));
  const said = (desired: DesiredCluster, facts: SeenFacts) => {
    const { waves, refusals } = planCluster(desired, facts, UP);
    t.deepEqual(waves, []);
    return refusals.map(({ sentence, next }) => [sentence, nextText(next)]);
  };
  // The unit file says etcd, and its process is somebody else all the same.
  t.deepEqual(
    said(three, runsAs('root')),
    ['etcd01', 'etcd02', 'etcd03'].map((name) => [
      `${name}: etcd runs as root; the inventory says etcd.user: etcd`,
      `one member at a time, while all others answer, on ${name}: systemctl stop etcd.service && chown -R etcd:etcd /var/lib/etcd/. && systemctl start etcd.service`,
    ]),
  );
  // What provision wrote is gone.
  t.deepEqual(
    said(
      three,
      butAll(runsAs('root'), () => ({ unitFile: undefined })),
    )[0],
    [
      'etcd01: etcd runs as root; the inventory says etcd.user: etcd',
      'put etcd.user: root back: up does not change the account of a running cluster',
    ],
  );
});
