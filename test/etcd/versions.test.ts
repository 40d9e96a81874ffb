import test from 'ava';
import {
  canBumpRevision,
  DEFAULT_VERSION,
  DEFECTS,
  defectsOf,
  firstMinor,
  firstReleases,
  gatewayPath,
  hashesKeys,
  isOlder,
  minorOf,
  NEWEST_VERSION,
  newestOf,
  sharesPort,
  snapshotTool,
  VERSIONS,
  versionRow,
} from '../../src/etcd/versions.ts';

test('VERSIONS: one row for each minor version, in order', (t) => {
  t.deepEqual(
    VERSIONS.map(({ minor }) => minor),
    ['3.3', '3.4', '3.5', '3.6', '3.7'],
  );
});

test('VERSIONS: the newest patch of each has none of its defects that were fixed', (t) => {
  for (const { minor, fixedFrom } of VERSIONS) {
    t.deepEqual(defectsOf(newestOf(minor)), [], minor);
    for (const [id, patch] of Object.entries(fixedFrom)) {
      t.true(id in DEFECTS);
      t.true(
        defectsOf(`${minor}.${patch - 1}`).some((one) => one === id),
        `${id} in ${minor}`,
      );
    }
  }
});

test('VERSIONS: a new inventory asks for a release without known defects that is maintained', (t) => {
  t.deepEqual(defectsOf(DEFAULT_VERSION), []);
  t.is(versionRow(DEFAULT_VERSION)?.ended, undefined);
  t.deepEqual(defectsOf(NEWEST_VERSION), []);
});

test('minorOf: is what stands before the patch', (t) => {
  t.is(minorOf('3.5.30'), '3.5');
  t.is(minorOf('3.6.0-rc.1'), '3.6');
});

test('isOlder: compares numbers, not text', (t) => {
  t.true(isOlder('3.5.9', '3.5.10'));
  t.true(isOlder('3.4.45', '3.5.0'));
  t.false(isOlder('3.5.10', '3.5.10'));
  t.false(isOlder('3.10.0', '3.9.9'));
  t.false(isOlder('unknown', '3.5.0'));
});

test('versionRow: knows no other minor version', (t) => {
  t.is(versionRow('3.2.32'), undefined);
  t.is(versionRow('4.0.0'), undefined);
});

test('snapshotTool: etcdutl from 3.5 on, also in a version that is not known yet', (t) => {
  t.is(snapshotTool('3.4.45'), 'etcdctl');
  t.is(snapshotTool('3.5.0'), 'etcdutl');
  t.is(snapshotTool('3.8.0'), 'etcdutl');
});

const patches = test.macro(
  (t, holds: (version: string) => boolean, first: readonly string[], never: readonly string[]) => {
    for (const version of first) {
      t.true(holds(version), version);
      const [major, minor, patch] = version.split('.').map(Number);
      if (patch !== undefined && patch > 0)
        t.false(holds(`${major}.${minor}.${patch - 1}`), `before ${version}`);
    }
    for (const version of never) t.false(holds(version), version);
  },
);

test(
  'canBumpRevision: 3.4.27, 3.5.10 and later',
  patches,
  canBumpRevision,
  ['3.4.27', '3.5.10', '3.6.0'],
  ['3.3.27'],
);
test(
  'sharesPort: 3.4.25, 3.5.8 and later',
  patches,
  sharesPort,
  ['3.4.25', '3.5.8', '3.6.0'],
  ['3.3.27'],
);

test(
  'hashesKeys: 3.5.10 and later',
  patches,
  hashesKeys,
  ['3.5.10', '3.6.0', '3.7.0'],
  ['3.3.27', '3.4.45'],
);

test('gatewayPath: 3.3 has no /v3', (t) => {
  t.is(gatewayPath('3.3.27'), '/v3beta');
  t.is(gatewayPath('3.4.0'), '/v3');
});

test('firstMinor() and firstReleases() name the releases from which something holds', (t) => {
  t.is(
    firstMinor(({ readsPemCrl }) => !readsPemCrl),
    '3.6',
  );
  t.is(
    firstMinor(({ isGoModules }) => isGoModules),
    '3.5',
  );
  t.is(firstReleases('bumpsRevisionFrom'), '3.4.27, 3.5.10');
  t.is(firstReleases('hashesKeysFrom'), '3.5.10');
});
