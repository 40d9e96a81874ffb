import test from 'ava';
import type { ProgramFile } from '../../../src/facts/host/program.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { but, butAll, settled, stopped, UP, wanted } from '../facts.ts';
import { outline } from '../outline.ts';

/** A cluster of three at one version whose programs others install; each host has the file that `files` names. */
function installed(
  inventory: string,
  running: string,
  files: readonly (string | undefined | Pick<ProgramFile, 'complaint'>)[],
) {
  const etcd = { version: inventory, source: { installed: '/usr/local/etcd' } };
  const desired = wanted(3, { etcd });
  const facts = { ...settled(desired), binaries: [] };
  const path = '/usr/local/etcd/etcd';
  const of = (file: (typeof files)[number]): ProgramFile | undefined =>
    typeof file === 'object'
      ? { path, version: undefined, ...file }
      : file === undefined
        ? undefined
        : { path, version: file, complaint: undefined };
  const found = butAll(facts, ({ etcd: said, unit, program }, name) => ({
    program: { ...program, running, installed: of(files[Number(name.slice(-1)) - 1]) },
    etcd: { ...said, status: said.status && { ...said.status, version: running } },
    unit: { ...unit, process: unit.process && { ...unit.process, executable: path } },
  }));
  return { desired, found };
}

function planned({ desired, found }: ReturnType<typeof installed>): readonly string[] {
  return outline(planCluster(desired, found, UP));
}

test('planCluster() restarts nobody into files of another minor version that a package manager brought', (t) => {
  t.deepEqual(
    planned(installed('3.5.16', '3.5.16', ['3.6.14', '3.6.14', '3.6.14'])),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) =>
        `refused: ${name}: runs etcd 3.5.16, /usr/local/etcd/etcd is 3.6.14, and the inventory says 3.5.16: the next start would run a version that nobody has asked for | next: put etcd 3.5.16 back into /usr/local/etcd on ${name}: up does not change the minor version`,
    ),
  );
});

test('planCluster() names the one host whose file was replaced, and what to do where a patch is meant', (t) => {
  t.deepEqual(planned(installed('3.5.16', '3.5.16', ['3.5.16', '3.5.30', '3.5.16'])), [
    'refused: etcd02: runs etcd 3.5.16, /usr/local/etcd/etcd is 3.5.30, and the inventory says 3.5.16: the next start would run a version that nobody has asked for | next: if 3.5.30 is meant, install it on all members and set etcd.version to 3.5.30: that is a rolling restart; if not, put etcd 3.5.16 back into /usr/local/etcd on etcd02',
  ]);
  t.deepEqual(planned(installed('3.5.30', '3.5.16', ['3.5.30', '3.5.30', '3.5.16'])), [
    'refused: etcd03: runs etcd 3.5.16, /usr/local/etcd/etcd is 3.5.16, and the inventory says 3.5.30: the next start would run a version that nobody has asked for | next: put etcd 3.5.30 into /usr/local/etcd on etcd03, or set etcd.version to 3.5.16',
  ]);
  t.deepEqual(planned(installed('3.5.30', '3.5.30', ['3.5.16', '3.5.30', '3.5.30'])), [
    'refused: etcd01: runs etcd 3.5.30, /usr/local/etcd/etcd is 3.5.16, and the inventory says 3.5.30: the next start would run a version that nobody has asked for | next: put etcd 3.5.30 back into /usr/local/etcd on etcd01: up does not go back to an older version',
  ]);
});

test('planCluster() restarts into a patch that inventory and files agree on, for that reason', (t) => {
  const restarts = planned(installed('3.5.30', '3.5.16', ['3.5.30', '3.5.30', '3.5.30']));
  t.deepEqual(
    restarts.filter((line) => line.includes('restart-unit')),
    Array(3).fill('    restart-unit (it runs etcd 3.5.16, and /usr/local/etcd/etcd is 3.5.30)'),
  );
});

test('planCluster() refuses a file that does not run, and none at all', (t) => {
  const complaint = "/lib/libc.so.6: version `GLIBC_2.34' not found";
  t.deepEqual(planned(installed('3.5.16', '3.5.16', [{ complaint }, undefined, '3.5.16'])), [
    `refused: etcd01: /usr/local/etcd/etcd does not run there: ${complaint} | next: install an etcd 3.5.16 on etcd01 that runs there; see for yourself: /usr/local/etcd/etcd --version`,
    'refused: etcd02: there is no etcd in /usr/local/etcd, where etcd.source says it is installed | next: install etcd 3.5.16 there, or correct etcd.source',
  ]);
});

test('planCluster() holds nothing against a host that was too busy to run its program', (t) => {
  t.deepEqual(
    planned(installed('3.5.16', '3.5.16', ['3.5.16', { complaint: undefined }, '3.5.16'])),
    [],
  );
});

test('planCluster() refuses programs of etcd.source that are not the version of the inventory', (t) => {
  const desired = wanted();
  const facts = but(settled(desired), 'etcd02', ({ program }) => ({
    program: {
      ...program,
      installed: { path: '/opt/etcd/3.5.30/etcd', version: '3.6.14', complaint: undefined },
    },
  }));
  t.deepEqual(outline(planCluster(desired, facts, UP)), [
    'refused: etcd02: runs etcd 3.5.30, /opt/etcd/3.5.30/etcd is 3.6.14, and the inventory says 3.5.30: the next start would run a version that nobody has asked for | next: give etcd.source the programs of etcd 3.5.30, or set etcd.version to what they are',
  ]);
});

test('planCluster() starts no stopped cluster as another minor version', (t) => {
  const desired = wanted(3, { etcd: { version: '3.6.14' } });
  const path = '/opt/etcd/current/etcd';
  const facts = butAll(settled(desired), (found) => ({
    ...stopped(found),
    program: {
      ...found.program,
      running: undefined,
      loaded: { path, version: '3.5.30', complaint: undefined },
    },
  }));
  t.deepEqual(
    outline(planCluster(desired, facts, UP)),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) =>
        `refused: ${name}: does not run; /opt/etcd/current/etcd is etcd 3.5.30, and the inventory says 3.6.14: started like that, its data would change its minor version, which up does not do | next: set etcd.version to 3.5.30 or a later 3.5.x`,
    ),
  );
});

/** Members of 3.5.30 that crashed, with another program in its directory and the link to that. */
function swapped(version: string, names: readonly string[], current = '/opt/etcd/3.5.30') {
  const desired = wanted();
  const facts = butAll(settled(desired), (found, name) => {
    if (!names.includes(name)) return {};
    const file = (path: string) => ({ path, version, complaint: undefined });
    return {
      ...stopped(found),
      current,
      binaries: new Map(found.binaries).set('etcd', {
        ...{ sha256: 'f'.repeat(64), mode: 0o755, owner: 'root:root' },
      }),
      program: {
        running: undefined,
        loaded: file('/opt/etcd/current/etcd'),
        installed: file('/opt/etcd/3.5.30/etcd'),
      },
    };
  });
  return outline(planCluster(desired, facts, UP));
}

test('planCluster() brings the right program again under a member that crashed over a wrong one', (t) => {
  const plan = swapped('3.4.23', ['etcd02']);
  t.deepEqual(
    plan.filter((line) => line.startsWith('refused')),
    [],
  );
  t.deepEqual(plan.slice(0, 3), [
    'start etcd02',
    '  etcd02:',
    '    upload etcd /opt/etcd/3.5.30 (another file is there)',
  ]);
  t.true(plan.some((line) => line.includes('start-unit')));
});

test('planCluster() brings the right program where all crashed over an older one', (t) => {
  const plan = swapped('3.4.23', ['etcd01', 'etcd02', 'etcd03']);
  t.deepEqual(
    plan.filter((line) => line.startsWith('refused')),
    [],
  );
});

test('planCluster() goes back from a newer program only beside a member that serves with the wanted one', (t) => {
  t.deepEqual(
    swapped('3.6.14', ['etcd02']).filter((line) => line.startsWith('refused')),
    [],
  );
  t.deepEqual(
    swapped('3.6.14', ['etcd01', 'etcd02', 'etcd03']).filter((line) => line.startsWith('refused')),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) =>
        `refused: ${name}: does not run; /opt/etcd/current/etcd is etcd 3.6.14, and the inventory says 3.5.30: started like that, its data would change its minor version, which up does not do | next: set etcd.version to 3.6.14 or a later 3.6.x`,
    ),
  );
});

test('planCluster() links the wanted program again beside a member that serves with it, and nowhere else', (t) => {
  const linked = (...names: string[]) => swapped('3.6.14', names, '/opt/etcd/3.6.14');
  t.true(
    linked('etcd02').some((line) => line.includes('start-unit')),
    linked('etcd02').join('\n'),
  );
  t.deepEqual(
    linked('etcd02').filter((line) => line.startsWith('refused')),
    [],
  );
  t.is(linked('etcd01', 'etcd02', 'etcd03').filter((line) => line.startsWith('refused')).length, 3);
});

test('planCluster() takes a program for what ran last where the link is to another directory', (t) => {
  const refused = (...names: string[]) =>
    swapped('3.4.23', names, '/opt/etcd/3.4.23').filter((line) => line.startsWith('refused'));
  t.is(refused('etcd01', 'etcd02', 'etcd03').length, 3);
  // Beside others that serve with the later version it has stayed behind in an upgrade, and follows them.
  t.deepEqual(refused('etcd02'), []);
});

test('planCluster() brings a program again that nobody may run, and refuses none for it', (t) => {
  const three = wanted();
  const path = '/opt/etcd/3.5.30/etcd';
  const facts = but(settled(three), 'etcd02', (found) => ({
    ...stopped(found),
    binaries: new Map([...found.binaries].map(([name, one]) => [name, { ...one, mode: 0o644 }])),
    program: {
      ...found.program,
      installed: { path, version: undefined, complaint: 'Permission denied' },
    },
  }));
  const plan = planCluster(three, facts, UP);
  t.deepEqual(plan.refusals, []);
  const brought = plan.waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'upload')),
  );
  t.true(brought.length > 0);
  for (const { because } of brought) t.is(because, 'it is 0644 root:root, not 0755 root:root');
});
