import test from 'ava';
import type { InstalledBinary } from '../../src/binaries/question.ts';
import { conclude, type DoctorInput } from '../../src/diagnosis/conclude.ts';
import { remedy } from '../../src/problem/remedy.ts';
import { nextText } from '../../src/problem/render.ts';
import { but, butAll, notAnswering, settled, stopped, wanted } from '../plan/facts.ts';
import { sized } from '../plan/maintaining/sized.ts';
import { doctorInput, started } from './examined-cluster.ts';

const three = wanted();
const answering = settled(three);
const off = but(answering, 'etcd02', stopped);
const stop = { etcd02: started({ active: 'inactive', stoppedBy: 'ops', stoppedAt: 0 }) };

/** What a person reads of it: cause and remedies, a line each. */
function told(file: DoctorInput) {
  const { findings, remarks } = conclude(file);
  return {
    findings: findings.map(
      ({ about, sentence, next }) => `${about.join(', ')}: ${sentence} -> ${nextText(next)}`,
    ),
    remarks: remarks.map(({ sentence, next }) => `${sentence} -> ${nextText(next)}`),
  };
}

test('conclude() finds nothing in a cluster that is as it should be', (t) => {
  t.deepEqual(conclude(doctorInput(three, answering)), { findings: [], remarks: [] });
});

test('conclude() sends to up where a member was stopped', (t) => {
  t.deepEqual(told(doctorInput(three, off, stop)), {
    findings: ['etcd02: stopped by ops at 00:00:00 UTC -> provision up INVENTORY'],
    remarks: [],
  });
});

test('conclude() tells an unfinished restore first, and sends nobody to up meanwhile', (t) => {
  const unfinished = [
    {
      ...{ kind: 'restore-unfinished', about: ['etcd01'] },
      sentence: 'etcd01: a restore begun yesterday is not finished',
      next: [remedy`finish it`],
    },
  ];
  t.deepEqual(told(doctorInput(three, off, stop, { unfinished })), {
    findings: [
      'prod: etcd01: a restore begun yesterday is not finished -> finish it',
      'etcd02: stopped by ops at 00:00:00 UTC -> finish or undo that',
    ],
    remarks: [],
  });
});

test('conclude() tells first of a member that still shows a certificate of the next CA, unless a run works', (t) => {
  const { ca } = answering.store;
  if (ca === undefined) throw new TypeError('the store has no CA');
  const next = { ...ca, pem: 'another CA\n' };
  const begun = { ...answering, rotation: { ...answering.rotation, next } };
  const tried = but(begun, 'etcd03', ({ pki }) => {
    const file = pki.files.get('server.crt');
    if (file === undefined) throw new TypeError('a member has a certificate');
    const files = new Map(pki.files).set('server.crt', { ...file, sha256: 'tried' });
    return { pki: { ...pki, files } };
  });
  const stopsToo = but(tried, 'etcd02', stopped);
  t.deepEqual(told(doctorInput(three, stopsToo, stop)).findings, [
    'etcd03: shows a certificate of the new CA, which a rotation that was cut off tried there: clients that trust the old CA alone refuse this member -> up puts the former certificate back, without a restart: provision up INVENTORY',
    'etcd02: stopped by ops at 00:00:00 UTC -> provision up INVENTORY',
  ]);
  const run = { works: true, words: 'me@here: certs rotate-ca' };
  t.deepEqual(told(doctorInput(three, tried, {}, { run })).findings, []);
  t.deepEqual(told(doctorInput(three, begun)).findings, []);
});

test('conclude() tells changed settings alone: the rest follows from them', (t) => {
  const moved = { ...three, paths: { ...three.paths, data: '/data/etcd' } };
  const { findings } = told(doctorInput(moved, off, stop));
  t.deepEqual(findings, [
    'prod: etcd01, etcd02, etcd03: run with etcd.paths.data /var/lib/etcd; the inventory says /data/etcd -> put etcd.paths.data: /var/lib/etcd back into the inventory; up moves data that it finds where the unit says: is a disk not mounted?',
  ]);
});

test('conclude() tells of others beside a member with changed settings', (t) => {
  const moved = but(off, 'etcd01', ({ unit }) => ({
    unit: {
      ...unit,
      process: unit.process && {
        ...unit.process,
        environment: new Map([...unit.process.environment, ['ETCD_DATA_DIR', '/data/etcd']]),
      },
    },
  }));
  const { findings } = told(doctorInput(three, moved, stop));
  const back =
    'put etcd.paths.data: /data/etcd back into the inventory; up moves data that it finds where the unit says: is a disk not mounted?';
  const why = 'etcd01: runs with etcd.paths.data /data/etcd; the inventory says /var/lib/etcd';
  t.deepEqual(findings, [
    `etcd01: ${why} -> ${back}`,
    `etcd02: stopped by ops at 00:00:00 UTC -> up refuses now: ${why}; ${back}; then provision up INVENTORY`,
  ]);
});

test('conclude() tells different data with what each holds, and what to keep', (t) => {
  const difference = {
    ...{ kind: 'data-differs', about: [] },
    sentence: 'the members hold different data',
    evidence: ['a', 'b'],
    next: [remedy`keep`],
  };
  t.deepEqual(conclude(doctorInput(three, answering, {}, { difference })).findings, [
    {
      ...{ kind: 'data-differs', about: ['prod'] },
      ...{ sentence: 'the members hold different data', evidence: ['a', 'b'] },
      next: [{ parts: ['keep'], requires: [] }],
    },
  ]);
});

test('conclude() remarks in a healthy cluster what up will refuse at the next start', (t) => {
  const masked = but(answering, 'etcd02', ({ launch }) => ({
    launch: { ...launch, masked: true },
  }));
  t.deepEqual(told(doctorInput(three, masked)), {
    findings: [],
    remarks: [
      'up refuses: etcd02: etcd.service is masked: somebody keeps it from starting -> if it may start again: systemctl unmask etcd.service on etcd02',
    ],
  });
});

test('conclude() remarks a disk without space, and nothing of hosts that something else is wrong with', (t) => {
  const full = (name: string) => (facts: typeof answering) =>
    but(facts, name, ({ disks }) => ({
      disks: [
        ...disks.filter(({ path }) => path !== '/var/lib/etcd'),
        { path: '/var/lib/etcd', writable: true, bytes: 1e9, inodes: 3 },
      ],
    }));
  t.deepEqual(told(doctorInput(three, full('etcd03')(answering))).remarks, [
    'up will refuse where it has to start this member: etcd03: the disk of the data directory is full: 3 files fit (df -i) -> free space or mount it writable on etcd03; see df -h, df -i, findmnt and dmesg there',
  ]);
  t.deepEqual(told(doctorInput(three, full('etcd02')(off), stop)).remarks, []);
});

test('conclude() remarks nothing while a host could not be asked', (t) => {
  const members = new Map([...answering.members].filter(([name]) => name !== 'etcd01'));
  const masked = but({ ...answering, members }, 'etcd02', ({ launch }) => ({
    launch: { ...launch, masked: true },
  }));
  t.deepEqual(told(doctorInput(three, masked)), {
    findings: [
      'etcd01: cannot be reached -> look; or if that machine is lost for good: put the address of another one into the inventory for etcd01, then: provision member replace INVENTORY etcd01',
    ],
    remarks: [],
  });
});

test('conclude() names members that answer and serve no client elsewhere', (t) => {
  const url = 'https://127.0.0.1:2379';
  const fenced = ['etcd01', 'etcd02'].reduce(
    (facts, name) =>
      but(facts, name, ({ unit }) => ({
        unit: {
          ...unit,
          process: unit.process && {
            ...unit.process,
            environment: new Map([
              ...unit.process.environment,
              ['ETCD_LISTEN_CLIENT_URLS', url],
              ['ETCD_ADVERTISE_CLIENT_URLS', url],
            ]),
          },
        },
      })),
    answering,
  );
  const cause = `etcd01, etcd02: it serves clients on its own host alone (ETCD_LISTEN_CLIENT_URLS is ${url}): no other machine reaches it`;
  t.deepEqual(told(doctorInput(three, fenced)), {
    findings: [`${cause} -> provision up INVENTORY`],
    remarks: [],
  });
  const unfinished = [
    {
      kind: 'restore-unfinished',
      about: [],
      sentence: 'a switch is not finished',
      next: [remedy`finish it`],
    },
  ];
  t.deepEqual(told(doctorInput(three, fenced, {}, { unfinished })).findings, [
    'prod: a switch is not finished -> finish it',
    `${cause} -> finish or undo that`,
  ]);
});

test('conclude() names an etcdctl that does not run, and not the etcd that it was to ask', (t) => {
  const why = 'No such file or directory';
  const gone = but(answering, 'etcd02', ({ binaries }) => ({
    binaries: new Map([...binaries].filter(([name]) => name !== 'etcdctl')),
    etcd: { ...notAnswering(`env: '/opt/etcd/etcd/etcdctl': ${why}`), unasked: why },
  }));
  t.deepEqual(told(doctorInput(three, gone)).findings, [
    'etcd02: etcd runs, and cannot be asked: the etcdctl beside it does not run there (No such file or directory) -> up brings etcdctl again, without a restart: provision up INVENTORY',
  ]);
});

test('conclude() names an etcdctl that does not run beside an etcd that answered in another way', (t) => {
  const changed = (
    cluster: typeof three,
    change: (etcdctl: InstalledBinary) => readonly InstalledBinary[],
  ) =>
    but(settled(cluster), 'etcd02', ({ binaries }) => ({
      binaries: new Map(
        [...binaries].flatMap(([name, file]) =>
          (name === 'etcdctl' ? change(file) : [file]).map((one) => [name, one] as const),
        ),
      ),
    }));
  const gone = () => [];
  const cause = (why: string) =>
    `etcd02: etcd runs and answers; the etcdctl beside it does not run there (${why})`;
  const brought = 'up brings etcdctl again, without a restart: provision up INVENTORY';
  t.deepEqual(told(doctorInput(three, changed(three, gone))).findings, [
    `${cause('No such file or directory')} -> ${brought}`,
  ]);
  const closed = changed(three, (file) => [{ ...file, mode: 0o644 }]);
  t.deepEqual(told(doctorInput(three, closed)).findings, [
    `${cause('Permission denied')} -> ${brought}`,
  ]);
  const there = wanted(3, {
    etcd: { version: '3.5.30', source: { installed: '/usr/local/etcd' } },
  });
  t.deepEqual(told(doctorInput(there, changed(there, gone))).findings, [
    `${cause('No such file or directory')} -> put etcdctl 3.5.30 into /usr/local/etcd on that host, with mode 0755`,
  ]);
  // Programs of another version are looked at while it is brought; etcd and its tools are elsewhere then.
  const elsewhere = but(changed(three, gone), 'etcd02', () => ({ current: '/opt/etcd/3.5.29' }));
  t.false(told(doctorInput(three, elsewhere)).findings.join().includes('etcdctl'));
});

test('conclude() says of a stopped member why a start would not help, as the plan does', (t) => {
  const database = { size: 8192, meta: undefined, index: undefined, snapshot: undefined };
  const why =
    'etcd02: stopped by ops at 00:00:00 UTC; up does not start it: its database (member/snap/db) is damaged: neither of its first two pages can be read; etcd would end as soon as it is started';
  const seen = but(off, 'etcd02', () => ({ database }));
  const causes = told(doctorInput(three, seen, stop)).findings.map((one) => one.split(' -> ')[0]);
  t.deepEqual(causes, [why]);
  const members = new Map([...seen.members].filter(([name]) => name !== 'etcd01'));
  const partly = told(doctorInput(three, { ...seen, members }, stop)).findings;
  t.true(partly.some((one) => one.startsWith(`${why} -> `)));
  const unfinished = [
    {
      kind: 'restore-unfinished',
      about: [],
      sentence: 'a switch is not finished',
      next: [remedy`finish it`],
    },
  ];
  t.deepEqual(told(doctorInput(three, seen, stop, { unfinished })).findings, [
    'prod: a switch is not finished -> finish it',
    'etcd02: stopped by ops at 00:00:00 UTC -> finish or undo that',
  ]);
});

for (const [title, line, cause] of [
  [
    'open files',
    '{"level":"fatal","msg":"file descriptor limit of etcd process is too low; please set higher","limit":8,"recommended-limit":150}',
    'its limit of open files is too small for etcd: LimitNOFILE=8',
  ],
  [
    'open files while it starts',
    'panic: open /var/lib/etcd/member/snap/db: too many open files',
    'its limit of open files (LimitNOFILE) is too small for etcd',
  ],
  [
    'processes',
    'etcd.service: Failed at step EXEC spawning /opt/etcd/etcd/etcd: Resource temporarily unavailable',
    'its limit of processes and threads (LimitNPROC, TasksMax) is too small for etcd',
  ],
  [
    'address space',
    'fatal error: failed to reserve page summary memory',
    'its limit of address space (LimitAS) is too small for etcd',
  ],
] as const)
  test(`conclude() names a limit of ${title} that is too small, and the drop-in that sets it`, (t) => {
    const path = '/etc/systemd/system/etcd.service.d/hand.conf';
    const at = 0;
    const failed = {
      ...{ active: 'failed', result: 'exit-code', end: { how: 'exited', status: '1/FAILURE' } },
      lines: [{ at, text: line }],
    };
    const first = (dropIns: readonly string[]) =>
      told(doctorInput(three, off, { etcd02: started({ ...failed, dropIns }) })).findings[0];
    t.is(
      first([path]),
      `etcd02: ${cause} (drop-in ${path}) -> correct or remove ${path} on that host; systemctl daemon-reload; then provision up INVENTORY`,
    );
    t.regex(
      first([]) ?? '',
      /^etcd02: its limit of .* -> raise .* of the unit; then provision up INVENTORY$/,
    );
  });

/** The member with files that add to its unit, each a setting of its own. */
const adding = (facts: typeof answering, name: string, ...files: readonly string[]) =>
  but(facts, name, ({ launch }) => ({
    launch: {
      ...launch,
      dropIns: files.map((file) => ({
        path: `/etc/systemd/system/etcd.service.d/${file}`,
        ...{ content: '[Service]\nEnvironment=ETCD_X=1\n', environmentFiles: [] },
      })),
    },
  }));
const changes = (name: string, file: string) =>
  `${name}: /etc/systemd/system/etcd.service.d/${file} changes its environment (Environment), which the inventory does not know of`;
const away = (name: string, file: string) =>
  `move it away on ${name}: mv /etc/systemd/system/etcd.service.d/${file} /root/ && systemctl daemon-reload; settings of etcd belong into etcd.settings of the inventory, those of its unit into etcd.service`;

test('conclude() says what ends a refusal, and the up that then repairs the member', (t) => {
  const ended = { active: 'failed', end: { how: 'exited', status: '1/FAILURE' } };
  const starts = { etcd02: started({ ...ended, result: 'exit-code' }) };
  const taken = but(off, 'etcd02', ({ data }) => ({
    data: data && { ...data, owner: 'root:root' },
  }));
  t.deepEqual(told(doctorInput(three, adding(taken, 'etcd02', 'a.conf', 'b.conf'), starts)), {
    findings: [
      `etcd02: /var/lib/etcd belongs to root, not to the account etcd -> up refuses now: ${changes('etcd02', 'a.conf')}; ${away('etcd02', 'a.conf')}; up refuses this too: ${changes('etcd02', 'b.conf')}; ${away('etcd02', 'b.conf')}; then up gives the data to etcd: provision up INVENTORY`,
    ],
    remarks: [],
  });
  // Of what is refused on other hosts the last to be told ends with up.
  const others = adding(adding(taken, 'etcd01', 'a.conf'), 'etcd03', 'b.conf');
  t.deepEqual(told(doctorInput(three, others, starts)), {
    findings: [
      `etcd02: /var/lib/etcd belongs to root, not to the account etcd -> up refuses now: ${changes('etcd01', 'a.conf')}; ${away('etcd01', 'a.conf')}; then up gives the data to etcd: provision up INVENTORY`,
    ],
    remarks: [
      `up refuses: ${changes('etcd03', 'b.conf')} -> ${away('etcd03', 'b.conf')}; then provision up INVENTORY`,
    ],
  });
});

test('conclude() says of a stopped member what ends a refusal, and the up that then starts it', (t) => {
  const why = changes('etcd02', 'a.conf').replace('etcd02: ', '');
  t.deepEqual(told(doctorInput(three, adding(off, 'etcd02', 'a.conf'), stop)), {
    findings: [
      `etcd02: stopped by ops at 00:00:00 UTC; up does not start it: ${why} -> ${away('etcd02', 'a.conf')}; then provision up INVENTORY`,
    ],
    remarks: [],
  });
});

test('conclude() tells of a drop-in beside a cause that is ended by hand', (t) => {
  const barred = but(off, 'etcd02', ({ data }) => ({ data: data && { ...data, mode: 0o500 } }));
  const ended = { active: 'failed', end: { how: 'exited', status: '1/FAILURE' } };
  const starts = { etcd02: started({ ...ended, result: 'exit-code' }) };
  t.deepEqual(told(doctorInput(three, adding(barred, 'etcd02', 'a.conf'), starts)), {
    findings: [
      'etcd02: /var/lib/etcd has mode 0500, so etcd may not use it -> on that host: chmod 700 /var/lib/etcd; then provision up INVENTORY',
    ],
    remarks: [
      `up refuses: ${changes('etcd02', 'a.conf')} -> ${away('etcd02', 'a.conf')}; then provision up INVENTORY`,
    ],
  });
});

test('conclude() remarks programs that are not to be had, and a run that was cut off with something left', (t) => {
  const programs = {
    ...{ kind: 'no-programs', about: [] },
    sentence: 'etcd.source.directory: /etcd does not exist',
    next: [remedy`correct it`],
  };
  const run = { works: false, words: 'me@here (process 7), doing up since noon' };
  t.deepEqual(told(doctorInput(three, answering, {}, { programs, run })).remarks, [
    'up refuses: etcd.source.directory: /etcd does not exist -> correct it',
  ]);
  t.deepEqual(told(doctorInput(three, off, stop, { programs })).remarks, [
    'up refuses: etcd.source.directory: /etcd does not exist -> correct it; then provision up INVENTORY',
  ]);
  const behind = but(answering, 'etcd02', ({ conf }) => ({
    ...(conf && { conf: { ...conf, content: `${conf.content}# edited\n` } }),
  }));
  t.deepEqual(told(doctorInput(three, behind, {}, { run })).remarks, [
    'the last run was cut off and left something to do: me@here (process 7), doing up since noon -> see what is left: provision plan INVENTORY; finish it: provision up INVENTORY',
  ]);
  t.deepEqual(told(doctorInput(three, answering, {}, { run: { ...run, works: true } })).remarks, [
    'a run works on the cluster now, so what is told here may be over soon: me@here (process 7), doing up since noon -> see whether it gives signs of life: provision lock status INVENTORY',
  ]);
});

test('conclude() tells of a run that was cut off where up refuses, and of one that up does not finish', (t) => {
  const run = { works: false, words: 'me@here (process 7), doing up since noon', command: 'up' };
  const cut = 'the last run was cut off: me@here (process 7), doing up since noon';
  const { remarks } = told(doctorInput(three, adding(off, 'etcd02', 'a.conf'), stop, { run }));
  t.deepEqual(remarks, [
    `${cut} -> see what is left: provision plan INVENTORY; finish it: provision up INVENTORY`,
  ]);
  const rebooting = { ...run, words: 'me@here, doing reboot since noon', command: 'reboot' };
  t.deepEqual(told(doctorInput(three, answering, {}, { run: rebooting })).remarks, [
    'the last run was cut off: me@here, doing reboot since noon -> if it is still wanted, type the same again, with what was given: provision reboot INVENTORY',
  ]);
});

test('conclude() tells first of a down that was cut off where something is wrong, and not of one that works', (t) => {
  const run = {
    works: false,
    words: 'me@here (process 7), doing down since noon',
    command: 'down',
  };
  const stopped = 'etcd02: stopped by ops at 00:00:00 UTC -> provision up INVENTORY';
  t.deepEqual(told(doctorInput(three, off, stop, { run })), {
    findings: [
      'prod: the last run was cut off: me@here (process 7), doing down since noon -> if the cluster is still to be stopped, type the same again, with --purge if it was given: provision down INVENTORY',
      stopped,
    ],
    remarks: [],
  });
  const half = { ...run, command: 'migrate', option: '--to http --via snapshot' };
  t.regex(
    told(doctorInput(three, off, stop, { run: half })).findings[0] ?? '',
    /^prod: the last run was cut off: .* -> finish that: provision migrate INVENTORY --to http .*--via snapshot/,
  );
  const purge = { ...run, words: `${run.words} --purge`, option: '--purge', failed: true };
  t.is(
    told(doctorInput(three, off, stop, { run: purge })).findings[0],
    'prod: the last run failed: me@here (process 7), doing down since noon --purge; it removes data, so data that is missing is not a loss -> if the cluster is still to be removed: provision down INVENTORY --purge',
  );
  const works = told(doctorInput(three, off, stop, { run: { ...run, works: true } }));
  t.deepEqual(works.findings, [stopped]);
  t.is(works.remarks.length, 1);
});

test('conclude() remarks a down that was cut off where nothing is wrong, and offers the same again', (t) => {
  const run = {
    works: false,
    words: 'me@here (process 7), doing down since noon',
    command: 'down',
  };
  t.deepEqual(told(doctorInput(three, answering, {}, { run })), {
    findings: [],
    remarks: [
      'the last run was cut off: me@here (process 7), doing down since noon -> if the cluster is still to be stopped, type the same again, with --purge if it was given: provision down INVENTORY',
    ],
  });
});

test('conclude() remarks members that run and would not start when their hosts boot', (t) => {
  const disabled = started({ enabled: 'disabled' });
  t.deepEqual(told(doctorInput(three, answering, { etcd01: disabled, etcd03: disabled })), {
    findings: [],
    remarks: [
      'etcd01, etcd03: etcd.service runs and is not enabled: it would not start when its host boots -> systemctl enable etcd on etcd01, etcd03; provision up INVENTORY does it too',
    ],
  });
  t.deepEqual(told(doctorInput(three, answering)).remarks, []);
});

test('conclude() tells the outage first: of no space while etcd lists no other trouble', (t) => {
  const full = sized(answering, { size: 100, quota: 100 }, { etcd01: 'NOSPACE' });
  const kindsOf = (facts: typeof full) =>
    conclude(doctorInput(three, but(facts, 'etcd03', stopped))).findings.map(({ kind }) => kind);
  const without = butAll(full, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: etcd.members.members.slice(0, 2) },
    },
  }));
  const [first, ...others] = kindsOf(without);
  t.is(first, 'alarm');
  t.false(others.includes('alarm'));
  t.true(others.length > 0);
  // That one has to answer before anybody is defragmented.
  t.not(kindsOf(full)[0], 'alarm');
  t.true(kindsOf(full).includes('alarm'));
});

test('conclude() tells of a member that ended when its keys were read, also once it answers again', (t) => {
  const file = { ...doctorInput(three, answering), unreadable: 'etcd02' };
  t.deepEqual(told(file), {
    findings: [
      'etcd02: its etcd process ended when its keys were read to compare them, and was started again: its database (member/snap/db) is damaged, unless somebody stopped it then -> if what etcd02 holds may be given up (it is moved aside, not deleted): provision member replace INVENTORY etcd02 --force',
    ],
    remarks: [],
  });
  // Of its end the look behind it tells.
  const down = { ...doctorInput(three, off, stop), unreadable: 'etcd02' };
  t.deepEqual(told(down), told(doctorInput(three, off, stop)));
});
