import test from 'ava';
import type { LaunchFact } from '../../../src/facts/host/launch.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { assignments } from '../../../src/plan/refusing/drop-ins.ts';
import { accountRefusals } from '../../../src/plan/refusing/launch-refusals.ts';
import { INVENTORY, provision, type Remedy, remedy } from '../../../src/problem/remedy.ts';
import { but, settled, UP, wanted } from '../facts.ts';

const three = wanted();
const answering = settled(three);
const FILE = '/etc/systemd/system/etcd.service.d/local.conf';

/** What is planned where the second host starts etcd like that. */
function planned(launch: Partial<LaunchFact>) {
  const facts = but(settled(three), 'etcd02', (found) => ({
    launch: { ...found.launch, ...launch },
  }));
  return planCluster(three, facts, UP);
}

const dropIn = (content: string, ...environmentFiles: LaunchFact['managerFiles']) =>
  planned({ dropIns: [{ path: FILE, content, environmentFiles }] });

test('planCluster() refuses a drop-in that gives etcd arguments, and shows them', (t) => {
  const { refusals, waves } = dropIn(
    '[Service]\nExecStart=\nExecStart=/opt/etcd/current/etcd \\\n  --unsafe-no-fsync\nMemoryMax=4G\n',
  );
  t.deepEqual(waves, []);
  t.deepEqual(refusals, [
    {
      ...{ kind: 'drop-in', about: ['etcd02'] },
      sentence: `etcd02: ${FILE} changes what it runs (ExecStart), which the inventory does not know of`,
      evidence: [
        '@@ -1,0 +1,2 @@',
        '+ExecStart=',
        '+ExecStart=/opt/etcd/current/etcd    --unsafe-no-fsync',
      ],
      next: [
        remedy`move it away on etcd02: mv ${FILE} /root/ && systemctl daemon-reload; settings of etcd belong into etcd.settings of the inventory, those of its unit into etcd.service`,
      ],
    },
  ]);
});

const accounts = test.macro((t, account: string, sentence: string, next: Remedy) => {
  const facts = but(answering, 'etcd02', ({ unit, unitFile }) => ({
    unit: { ...unit, process: unit.process && { ...unit.process, account } },
    unitFile: unitFile && {
      ...unitFile,
      content: unitFile.content.replace(/^User=.*$/m, 'User=ops'),
    },
  }));
  t.deepEqual(accountRefusals(three, facts), [
    { kind: 'account-changed', about: ['etcd02'], sentence, next: [next] },
  ]);
});
test(
  'accountRefusals() has a member given over first, or its account put back',
  accounts,
  'ops',
  'etcd02: etcd runs as ops; the inventory says etcd.user: etcd',
  remedy`have the members given over first: ${provision('up', INVENTORY)}; or put etcd.user: ops back`,
);
test(
  'accountRefusals() does not advise an account that is a number without a name',
  accounts,
  '#994',
  'etcd02: etcd runs as the number 994, which no account there has; the inventory says etcd.user: etcd',
  remedy`make an account with that number on etcd02 again (useradd --system --uid ${'994'} NAME) and name it as etcd.user: up does not change the account of a running cluster`,
);

const kinds = test.macro((t, content: string, expected: string) => {
  t.deepEqual(
    dropIn(`[Service]\n${content}\n`).refusals.map(({ sentence }) => sentence),
    [`etcd02: ${FILE} changes ${expected}, which the inventory does not know of`],
  );
});
test(
  'a drop-in: environment',
  kinds,
  'Environment=ETCD_HEARTBEAT_INTERVAL=9',
  'its environment (Environment)',
);
test(
  'a drop-in: files of variables',
  kinds,
  'EnvironmentFile=',
  'its environment (EnvironmentFile)',
);
test('a drop-in: account', kinds, 'User=root\nUMask=0000', 'its account (User, UMask)');
test(
  'a drop-in: a program before it',
  kinds,
  'ExecStartPre=/bin/false',
  'what it runs (ExecStartPre)',
);
test(
  'a drop-in: restarts',
  kinds,
  'Restart=no\nTimeoutStopSec=1',
  'how it starts and ends (Restart, TimeoutStopSec)',
);
test('a drop-in: files', kinds, 'ReadOnlyPaths=/var/lib', 'which files it sees (ReadOnlyPaths)');
test('a drop-in: few files open', kinds, 'LimitNOFILE=1024', 'how it runs (LimitNOFILE)');
test(
  'a drop-in: what nobody has heard of',
  kinds,
  'IPAddressDeny=any',
  'how it runs (IPAddressDeny)',
);

test('planCluster() shows the variables of a file that a drop-in names', (t) => {
  const file = { path: '/etc/default/etcd', content: 'ETCD_UNSAFE_NO_FSYNC=true\n' };
  t.deepEqual(
    dropIn('[Service]\nEnvironmentFile=-/etc/default/etcd\n', file).refusals[0]?.evidence,
    [
      '@@ -1,0 +1,2 @@',
      '+EnvironmentFile=-/etc/default/etcd',
      '+ETCD_UNSAFE_NO_FSYNC=true (/etc/default/etcd)',
    ],
  );
});

test('planCluster() names a harmless drop-in once, and takes what the unit says anyway for nothing', (t) => {
  const plan = dropIn(
    '# memory\n[Unit]\nAfter=x.service\n[Service]\nMemoryMax=4G\nLimitNOFILE=100000\nRestart=on-failure\nRestartSec=1\n',
  );
  t.deepEqual(plan, {
    cluster: 'prod',
    waves: [],
    refusals: [],
    notes: [`etcd02: ${FILE} sets After, MemoryMax, LimitNOFILE, Restart, RestartSec; it stays`],
  });
  t.deepEqual(
    dropIn('# provision: cluster prod, member etcd02\n[Service]\nUser=root\n').refusals,
    [],
  );
});

test('planCluster() refuses a variable that systemd gives every service, and says where it comes from', (t) => {
  const path = '/etc/systemd/system.conf.d/x.conf';
  const content = '[Manager]\nDefaultEnvironment="ETCD_X=a b" TZ=UTC ETCD_NAME=mine\n';
  t.deepEqual(planned({ managerFiles: [{ path, content }] }).refusals, [
    {
      ...{ kind: 'manager-environment', about: ['etcd02'] },
      sentence: `etcd02: systemd gives every service ETCD_X=a b (DefaultEnvironment in ${path}), a setting of etcd that the inventory does not know of; no restart takes it away`,
      next: [remedy`take ETCD_X out of ${path} on etcd02, then: systemctl daemon-reload`],
    },
  ]);
  t.deepEqual(
    planned({
      environment: new Map([
        ['ETCD_UNSAFE_NO_FSYNC', 'true'],
        ['ETCD_CONFIG_FILE', '/x'],
      ]),
    }).refusals,
    [
      {
        ...{ kind: 'manager-environment', about: ['etcd02'] },
        sentence:
          'etcd02: systemd gives every service ETCD_UNSAFE_NO_FSYNC=true (set by systemctl set-environment, or by a file that is gone), a setting of etcd that the inventory does not know of; no restart takes it away',
        next: [
          remedy`on etcd02: systemctl unset-environment ETCD_UNSAFE_NO_FSYNC && systemctl daemon-reload`,
        ],
      },
    ],
  );
});

test('planCluster() refuses a masked unit, and one that systemd reads from elsewhere', (t) => {
  const sentences = (launch: Partial<LaunchFact>) =>
    planned(launch).refusals.map(({ sentence }) => sentence);
  t.deepEqual(sentences({ masked: true }), [
    'etcd02: etcd.service is masked: somebody keeps it from starting',
  ]);
  t.deepEqual(sentences({ fragment: '/run/systemd/transient/etcd.service' }), [
    'etcd02: systemd reads /run/systemd/transient/etcd.service as etcd.service, so /etc/systemd/system/etcd.service has no effect',
  ]);
});

test('assignments() reads what systemd reads: sections, comments, lines that go on', (t) => {
  t.deepEqual(assignments('[A]\n# x=1\n;y=2\na = b \\\n# between\n c\n[B]\n  d=\n'), [
    { section: 'A', key: 'a', value: 'b   c' },
    { section: 'B', key: 'd', value: '' },
  ]);
});
