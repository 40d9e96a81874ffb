import { readFileSync } from 'node:fs';
import test from 'ava';
import { dataFact } from '../../src/facts/data/data.ts';
import type { Answer } from '../../src/facts/fact.ts';
import { machineFact } from '../../src/facts/host/machine.ts';
import { listenersFact } from '../../src/facts/host/port.ts';
import { unitFact } from '../../src/facts/host/unit.ts';

/** What hosts really answered to these questions: etcd 3.3.25, 3.4.23 and 3.6.14 on Debian 11, 12 and 13. */
function recorded(systemd: number): Readonly<Record<string, Answer>> {
  return JSON.parse(
    readFileSync(new URL(`recorded/systemd-${systemd}.json`, import.meta.url), 'utf8'),
  );
}

const unit = unitFact('etcd');
const data = dataFact({ data: '/var/lib/etcd', wal: '/var/lib/etcd/member/wal' }, 'etcd');
const nobody: Answer = { exitCode: 255, stdout: '' };

const RECORDINGS = [
  {
    ...{ systemd: 247, os: 'Debian GNU/Linux 11 (bullseye)', etcd: '3.3.25', restarts: 2 },
    address: '198.18.8.12',
  },
  {
    systemd: 252,
    os: 'Debian GNU/Linux 12 (bookworm)',
    etcd: '3.4.23',
    restarts: undefined,
    address: '198.18.6.12',
  },
  {
    ...{ systemd: 257, os: 'Debian GNU/Linux 13 (trixie)', etcd: '3.6.14', restarts: 3 },
    address: '198.18.6.12',
  },
] as const;

for (const { systemd, os, etcd, restarts, address } of RECORDINGS) {
  const answers = recorded(systemd);
  const answer = (name: string) => answers[name] ?? nobody;

  test(`unitFact() reads what systemd ${systemd} says of no unit, a stopped and a hanging one`, (t) => {
    const absent = {
      active: 'inactive',
      sub: 'dead',
      stale: false,
      pid: 0,
      restarts: 0,
      result: 'success',
      startRefused: false,
      mayStartEmpty: false,
      startedAt: undefined,
      process: undefined,
    };
    t.deepEqual(unit.read(answer('bare.unit')), { ...absent, exists: false, enabled: false });
    t.deepEqual(unit.read(answer('stopped.unit')), { ...absent, exists: true, enabled: true });
    const { active, sub, pid, process } = unit.read(answer('hanging.unit'));
    t.deepEqual(
      [active, sub, process?.environment.get('ETCD_INITIAL_CLUSTER_STATE')],
      ['activating', 'start', 'existing'],
    );
    t.true(pid > 0);
  });

  test(`unitFact() reads what systemd ${systemd} says of a running etcd ${etcd}`, (t) => {
    const { process, startedAt = 0, ...found } = unit.read(answer('running.unit'));
    t.deepEqual(found, {
      exists: true,
      active: 'active',
      sub: 'running',
      enabled: true,
      stale: false,
      pid: found.pid,
      restarts: 0,
      result: 'success',
      startRefused: false,
      mayStartEmpty: false,
    });
    t.true(found.pid > 0 && startedAt > 1_795_000_000 && startedAt < 1_796_000_000);
    t.is(process?.executable, `/opt/etcd/${etcd}/etcd`);
    t.is(process?.environment.get('ETCD_DATA_DIR'), '/var/lib/etcd');
    t.true([...(process?.environment.keys() ?? [])].every((name) => name.startsWith('ETCD_')));
  });

  if (restarts !== undefined)
    test(`unitFact() reads what systemd ${systemd} says of a unit that keeps crashing`, (t) => {
      const {
        active,
        sub,
        pid,
        result,
        process,
        restarts: counted,
      } = unit.read(answer('crashing.unit'));
      t.deepEqual(
        { active, sub, pid, result, process, counted },
        {
          active: 'activating',
          sub: 'auto-restart',
          pid: 0,
          result: 'exit-code',
          process: undefined,
          counted: restarts,
        },
      );
    });

  test(`machineFact() reads ${os}`, (t) => {
    const bare = machineFact('etcd').read(answer('bare.machine'));
    t.deepEqual(
      { ...bare, clock: 0 },
      { architecture: 'x86_64', systemd, os, clock: 0, accountExists: false },
    );
    t.true(machineFact('etcd').read(answer('running.machine')).accountExists);
    t.true(bare.clock > 1_795_000_000 && bare.clock < 1_796_000_000);
  });

  test(`listenersFact() reads what ss on ${os} prints`, (t) => {
    const { pid } = unit.read(answer('running.unit'));
    const found = listenersFact([2379, 2380]).read(answer('running.listeners'));
    t.deepEqual(
      found.toSorted((a, b) => a.port - b.port || (a.address === '127.0.0.1' ? -1 : 1)),
      [
        [2379, '127.0.0.1'],
        [2379, address],
        [2380, address],
      ].map(([port, at]) => ({ port, address: at, process: 'etcd', pid })),
    );
    t.deepEqual(listenersFact([2379, 2380]).read(answer('bare.listeners')), []);
    t.deepEqual(
      listenersFact([22])
        .read(answer('bare.listeners'))
        .map(({ process }) => process),
      ['sshd', 'sshd'],
    );
  });

  test(`dataFact() reads the data of etcd ${etcd}`, (t) => {
    const found = data.read(answer('running.data'));
    t.deepEqual(
      { ...found, bytes: 0, modifiedAt: 0, wal: undefined },
      {
        ...{ mode: 0o700, owner: 'etcd:etcd', entries: ['member'], bytes: 0, modifiedAt: 0 },
        ...{ used: true, stranger: undefined, hasLog: true, wal: undefined, wasLed: undefined },
      },
    );
    t.regex(found?.wal?.clusterId ?? '', /^[0-9a-f]{16}$/);
    t.not(found?.wal?.clusterId, found?.wal?.memberId);
    t.is(data.read(answer('bare.data')), undefined);
  });
}

test('listenersFact() finds ports behind IPv6 addresses and stars, and says unknown where ss may not look', (t) => {
  const stdout = [
    'LISTEN 0      4096   [fdc6:1800:1::12]:2379 [::]:* users:(("etcd",pid=7,fd=9))',
    'LISTEN 0      4096               *:2380          *:*',
    'LISTEN 0      4096   127.0.0.1:12379 0.0.0.0:* users:(("else",pid=8,fd=9))',
  ].join('\n');
  t.deepEqual(listenersFact([2379, 2380]).read({ exitCode: 0, stdout }), [
    { port: 2379, address: 'fdc6:1800:1::12', process: 'etcd', pid: 7 },
    { port: 2380, address: '*', process: 'unknown', pid: 0 },
  ]);
});
