import test from 'ava';
import fc from 'fast-check';
import { desiredCluster } from '../../src/desired/cluster.ts';
import { desiredService } from '../../src/desired/service.ts';
import { environmentValue, loadTemplates } from '../../src/desired/templates.ts';
import { variableOf } from '../../src/etcd/given-settings.ts';
import { Failure } from '../../src/failure/failure.ts';
import { parseInventory } from '../../src/inventory/parse.ts';

const templates = await loadTemplates();
const HEADER = { cluster: 'c', member: 'a' };

test('loadTemplates: etcd.conf names its owner and holds one variable a line', (t) => {
  const settings = new Map([
    ['name', 'a'],
    ['initial-cluster', 'a=https://[fd00::1]:2380,b=https://b.example:2380'],
    ['log-rotation-config-json', '{"maxsize": 100}'],
  ]);
  t.is(
    templates.etcdConf(settings, HEADER),
    `# provision: cluster c, member a
# Written by provision; change the inventory and run up.
ETCD_NAME="a"
ETCD_INITIAL_CLUSTER="a=https://[fd00::1]:2380,b=https://b.example:2380"
ETCD_LOG_ROTATION_CONFIG_JSON="{\\"maxsize\\": 100}"
`,
  );
});

const UNIT = {
  ...HEADER,
  etcd: '/opt/etcd/current/etcd',
  confFile: '/etc/etcd/etcd.conf',
  user: 'etcd',
  data: '/var/lib/etcd',
  wal: '/var/lib/etcd/member/wal',
  logs: [],
  emptyStart: '/run/provision/etcd.empty-start',
  service: desiredService({ service: {} }),
};

test('loadTemplates: the unit starts the bare program as its user, with no deadline of its own', (t) => {
  const directives = templates
    .etcdService(UNIT)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  t.deepEqual(directives, [
    '[Unit]',
    'Description=etcd, member a of cluster c',
    'Documentation=https://etcd.io/docs/',
    'Wants=network-online.target',
    'After=network-online.target time-sync.target',
    'RequiresMountsFor=/var/lib/etcd /var/lib/etcd/member/wal',
    'AssertPathExistsGlob=|/var/lib/etcd/member/wal/*.wal',
    'AssertPathExists=|/run/provision/etcd.empty-start',
    'StartLimitIntervalSec=300',
    'StartLimitBurst=10',
    '[Service]',
    'Type=notify',
    'User=etcd',
    'EnvironmentFile=/etc/etcd/etcd.conf',
    'UnsetEnvironment=HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy ETCD_CONFIG_FILE',
    `ExecCondition=+/bin/sh -c 'for log in "$\${ETCD_WAL_DIR:-$$ETCD_DATA_DIR/member/wal}"/*.wal; do [ ! -e "$$log" ] || exit 0; done; [ -e /run/provision/etcd.empty-start ]'`,
    'ExecStartPre=+/bin/rm -f /run/provision/etcd.empty-start',
    'ExecStart=/opt/etcd/current/etcd',
    'TimeoutStartSec=infinity',
    'TimeoutStopSec=90',
    'Restart=on-failure',
    'RestartSec=5',
    'LimitNOFILE=65536',
    'LimitMEMLOCK=infinity',
    'LimitCORE=0',
    'Environment=PROVISION_UNIT=ac081a1bb454',
    'UMask=0077',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'ProtectSystem=strict',
    'ReadWritePaths=/var/lib/etcd',
    'ProtectHome=read-only',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'DevicePolicy=closed',
    'ProtectProc=invisible',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'MemoryDenyWriteExecute=yes',
    'RemoveIPC=yes',
    'KeyringMode=private',
    'SystemCallArchitectures=native',
    'SystemCallErrorNumber=EPERM',
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@privileged @resources',
    'OOMScoreAdjust=-900',
    'IOSchedulingClass=best-effort',
    'IOSchedulingPriority=0',
    '[Install]',
    'WantedBy=multi-user.target',
  ]);
});

test('loadTemplates: the unit lets etcd write its log files, and files below /tmp', (t) => {
  const unit = templates.etcdService({
    ...UNIT,
    data: '/tmp/etcd',
    logs: ['/var/log/etcd', '/srv/log'],
  });
  t.regex(unit, /^ReadWritePaths=\/tmp\/etcd -\/var\/log\/etcd -\/srv\/log$/m);
  t.notRegex(unit, /PrivateTmp/);
});

test('loadTemplates: the name of the unit for its process changes with the process alone', (t) => {
  const name = (change: Partial<typeof UNIT>) =>
    /^Environment=PROVISION_UNIT=(\w+)$/m.exec(templates.etcdService({ ...UNIT, ...change }))?.[1];
  t.is(name({ member: 'b' }), name({}));
  t.not(name({ user: 'other' }), name({}));
});

test('loadTemplates: resources stand in the unit, and the process is told of those that it starts with', (t) => {
  const service = desiredService({
    service: {
      Nice: -5,
      CPUQuota: '200%',
      CPUAffinity: '0 1',
      TimeoutStopSec: '2min',
      IOWeight: 50,
    },
  });
  const unit = templates.etcdService({ ...UNIT, service });
  const plain = templates.etcdService(UNIT).split('\n');
  t.deepEqual(
    unit.split('\n').filter((line) => !plain.includes(line) && !/^#|PROVISION_UNIT/.test(line)),
    [
      'TimeoutStopSec=2min',
      'Environment=PROVISION_SERVICE=Nice:-5;CPUAffinity:0,1;CPUQuota:200;IOWeight:50',
      'Nice=-5',
      'CPUAffinity=0,1',
      'CPUQuota=200%',
      'IOWeight=50',
    ],
  );
});

test('loadTemplates: what does not wait for a start leaves the name of the unit for its process', (t) => {
  const name = (service: Readonly<Record<string, string>>) =>
    /^Environment=PROVISION_UNIT=(\w+)$/m.exec(
      templates.etcdService({ ...UNIT, service: desiredService({ service }) }),
    )?.[1];
  t.is(name({ MemoryMax: '8G', TimeoutStopSec: '120' }), name({}));
  t.not(name({ Nice: '-5' }), name({}));
});

test('loadTemplates: a resource that is not a plain value is refused', (t) => {
  for (const [key, value] of [
    ['Nice', '5\nUser=root'],
    ['CPUQuota', '%n'],
    ['Slice', 'a b'],
    ['Nice\nUser', 'root'],
  ] as const)
    t.throws(() => templates.etcdService({ ...UNIT, service: new Map([[key, value]]) }));
});

test('loadTemplates: a value that is not a plain word is refused', (t) => {
  for (const user of ['a b', 'etcd\nExecStartPre=/bin/evil', '%n', '$HOME', '', 'a"b']) {
    t.throws(() => templates.etcdService({ ...UNIT, user }), {
      message: `not a plain word: ${JSON.stringify(user)}`,
    });
  }
});

test('loadTemplates: a missing value is a native error, not a gap', (t) => {
  const { user: _, ...lacking } = UNIT;
  // @ts-expect-error: what a caller in plain JavaScript could do
  const error = t.throws(() => templates.etcdService(lacking));
  t.regex(
    error?.message ?? '',
    /^template etcd\.service\.hbs: Error: "user" not defined in its values/,
  );
});

test('variableOf: is the variable etcd reads for a flag', (t) => {
  t.is(variableOf('quota-backend-bytes'), 'ETCD_QUOTA_BACKEND_BYTES');
});

test('environmentValue: is one line that reads back as the value, or refused', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (value) => {
      if (/\p{Cc}/u.test(value)) {
        t.throws(() => environmentValue(value));
      } else {
        t.is(unquoted(environmentValue(value)), value);
      }
    }),
  );
  t.throws(() => environmentValue('a\nb'), { message: 'holds control characters: "a\\nb"' });
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    'etcd\nExecStartPre=/bin/evil',
    '%n',
    '$x',
    '\\',
    '"',
    "'",
    '`id`',
    '#',
    ';',
    '../x',
    '100%',
    '300%',
    '0 1,3',
    '2-4',
    'a-b.slice',
    'c.slice\nExecStartPre=/bin/evil',
  ),
);

test('desiredCluster: no text of an inventory adds a line or a directive to a file', (t) => {
  const plain = filesOf({});
  let taken = 0;
  fc.assert(
    fc.property(fc.constantFrom(...PLACES), text, (place, value) => {
      const files = filesOf({ [place]: value });
      if (files === undefined) return;
      taken += 1;
      t.deepEqual(files.map(shape), plain?.map(shape));
    }),
    { numRuns: 2000 },
  );
  t.true(taken > 0);
});

const PLACES = [
  'cluster',
  'member',
  'setting',
  'conf',
  'data',
  'bin',
  'user',
  'unit',
  'address',
  'slice',
  'quota',
  'cpus',
] as const;
type Place = (typeof PLACES)[number];

/** Both files of an inventory with the texts in it, or undefined where it is refused as it should be. */
function filesOf(texts: Partial<Record<Place, string>>): readonly string[] | undefined {
  const inventory = {
    cluster: texts.cluster ?? 'c',
    etcd: {
      version: '3.5.33',
      settings: { 'auth-token': texts.setting ?? 'simple' },
      paths: {
        bin: texts.bin ?? '/opt/etcd',
        conf: texts.conf ?? '/etc/etcd',
        data: texts.data ?? '/var/lib/etcd',
      },
      user: texts.user ?? 'etcd',
      unit: texts.unit ?? 'etcd',
      service: {
        Slice: texts.slice ?? 'database.slice',
        CPUQuota: texts.quota ?? '200%',
        CPUAffinity: texts.cpus ?? '0-1',
      },
    },
    members: [
      { name: texts.member ?? 'a', address: texts.address ?? '10.0.0.1', listen: '10.0.0.9' },
    ],
  };
  try {
    // JSON is YAML.
    const parsed = parseInventory(JSON.stringify(inventory), 'i').inventory;
    const [member] = desiredCluster(parsed, templates).members;
    return member === undefined
      ? []
      : [member.unitFile, member.confFile({ token: 'token', state: 'new' })];
  } catch (error) {
    if (error instanceof Failure && error.reason === 'usage') return undefined;
    throw error;
  }
}

/** What systemd makes of the file's lines, without the values. */
function shape(file: string): readonly string[] {
  return file.split('\n').map((line) => {
    if (line.startsWith('#')) return '#';
    const variable = /^(ETCD_[A-Z_]+)="/.exec(line)?.[1];
    if (variable !== undefined) return unquoted(line.slice(variable.length + 1)) && variable;
    return line.replace(/=.*/, '=');
  });
}

/** The value as systemd reads it between double quotes (basic/env-file.c): a backslash escapes only " \ $ and `. */
function unquoted(quoted: string): string {
  const inner = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(quoted)?.[1];
  if (inner === undefined) throw new Error(`more than one value: ${quoted}`);
  return inner.replaceAll(/\\(["\\$`])/g, '$1');
}
