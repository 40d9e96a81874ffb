import test from 'ava';
import { Failure } from '../../../src/failure/failure.ts';
import { parseInventory } from '../../../src/inventory/parse.ts';
import { RULES } from '../../../src/inventory/rules/rules.ts';

interface Parts {
  readonly top?: string;
  readonly etcd?: string;
  readonly members?: readonly string[];
}

const THREE = ['address: 10.0.0.1', 'address: 10.0.0.2', 'address: 10.0.0.3'];

// Line 1 cluster, 2 etcd, 3 whatever else, 5 the first member.
function inventory({ top = '#', etcd = 'version: 3.5.33', members = THREE }: Parts): string {
  const listed = members.map((keys, at) =>
    keys.startsWith('name') ? `  - {${keys}}` : `  - {name: m${at}, ${keys}}`,
  );
  return ['cluster: c', `etcd: {${etcd}}`, top, 'members:', ...listed, ''].join('\n');
}

function errorsIn(parts: Parts): readonly string[] {
  try {
    parseInventory(inventory(parts), 'i');
    return [];
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'usage') throw error;
    const [first = '', ...rest] = error.message.split('\n  ');
    return rest.length === 0 ? [first] : rest;
  }
}

const errors = test.macro((t, parts: Parts, expected: readonly string[]) => {
  t.deepEqual(errorsIn(parts), expected);
});

const warnings = test.macro((t, parts: Parts, expected: readonly string[]) => {
  t.deepEqual(parseInventory(inventory(parts), 'i').warnings, expected);
});

const setting = test.macro((t, version: string, settings: string, expected: string | undefined) => {
  const found = errorsIn({ etcd: `version: ${version}, settings: {${settings}}` });
  t.deepEqual(
    found.map((one) => one.replace(/^i:2:\d+: etcd\.settings\./, '')),
    expected === undefined ? [] : [expected],
  );
});

test('RULES: finds nothing against three plain members', errors, {}, []);
test('RULES: warns of nothing in three plain members', warnings, {}, []);

test('RULES: every rule has a name of its own', (t) => {
  const names = RULES.map(({ name }) => name);
  t.deepEqual(names, [...new Set(names)]);
});

// Members

test(
  'RULES: a name belongs to one member',
  errors,
  { members: ['name: a, address: 10.0.0.1', 'name: a, address: 10.0.0.2', 'address: 10.0.0.3'] },
  ['i:6:12: members[1].name: "a" is taken by members[0].name, line 5'],
);

test(
  'RULES: an address belongs to one member, however it is spelt and whatever it is for',
  errors,
  {
    members: [
      'address: fd00::1, addresses: [10.1.0.1]',
      'address: 10.1.0.1, ssh: {host: b}',
      'address: "FD00:0::1", ssh: {host: c}',
    ],
  },
  [
    'i:6:25: members[1].address: "10.1.0.1" is taken by members[0].addresses[0], line 5',
    'i:7:25: members[2].address: "fd00::1" is taken by members[0].address, line 5',
  ],
);

test(
  'RULES: a bound address may be the advertised one, but not that of another member',
  errors,
  {
    members: [
      'address: 10.0.0.1, listen: 10.0.0.1',
      'address: 10.0.0.2, listen: 0.0.0.0',
      'address: c.example, listen: 10.0.0.1',
    ],
  },
  ['i:7:44: members[2].listen: "10.0.0.1" is taken by members[0].address, line 5'],
);

test(
  'RULES: two members are not logged in to at one place',
  errors,
  {
    members: [
      'address: 10.0.0.1, ssh: {host: gate, port: 2201}',
      'address: 10.0.0.2, ssh: {host: gate, port: 2202}',
      'address: 10.0.0.3, ssh: {host: gate, port: 2201}',
    ],
  },
  ['i:7:47: members[2].ssh.host: ssh to gate port 2201 is taken by members[0].ssh.host, line 5'],
);

const address = test.macro((t, text: string, why: string | undefined) => {
  const [, ...others] = THREE;
  const found = errorsIn({ members: [`address: ${text}, listen: 0.0.0.0`, ...others] });
  t.deepEqual(found, why === undefined ? [] : [`i:5:25: members[0].address ${text} ${why}`]);
});

const LOOPBACK = 'is a loopback address: every other machine would reach itself';
const LINK_LOCAL = 'is a link-local address: it means another machine on every link';
test('RULES: an IPv6 address is an address', address, '"fd00::1"', undefined);
test('RULES: a name is an address', address, '"etcd-1.example.com"', undefined);
test('RULES: 127.0.0.1 is not advertised', address, '"127.0.0.1"', LOOPBACK);
test('RULES: any of 127.0.0.0/8 is not advertised', address, '"127.9.9.9"', LOOPBACK);
test('RULES: ::1 is not advertised', address, '"::1"', LOOPBACK);
test('RULES: localhost is not advertised', address, '"localhost"', LOOPBACK);
test(
  'RULES: 0.0.0.0 is not advertised',
  address,
  '"0.0.0.0"',
  'is an unspecified address: no machine can be reached at it',
);
test(
  'RULES: :: is not advertised',
  address,
  '"::"',
  'is an unspecified address: no machine can be reached at it',
);
test('RULES: 169.254.1.1 is not advertised', address, '"169.254.1.1"', LINK_LOCAL);
test('RULES: fe80::1 is not advertised', address, '"fe80::1"', LINK_LOCAL);
test('RULES: 224.0.0.1 is not advertised', address, '"224.0.0.1"', 'is a multicast address');
test('RULES: ff02::1 is not advertised', address, '"ff02::1"', 'is a multicast address');
test(
  'RULES: 255.255.255.255 is not advertised',
  address,
  '"255.255.255.255"',
  'is a reserved or broadcast address',
);
test(
  'RULES: an address has no zone',
  address,
  '"fd00::1%eth0"',
  'holds %; a zone is not part of a certificate',
);
test(
  'RULES: a peer URL with a path is no address',
  address,
  '"http://10.0.0.1:2380/x"',
  'is a URL; write its host only',
);
test(
  'RULES: an address carries no port',
  address,
  '"10.0.0.1:2380"',
  'is no IPv6 address, nor may a name carry a port or brackets',
);
test(
  'RULES: an address that is none is not taken for a name',
  address,
  '"10.0.0.300"',
  'looks like an IPv4 address but is none',
);
test(
  'RULES: a shell command is no address',
  address,
  '"a;touch /run/pwned"',
  'holds a blank or control character',
);

test(
  'RULES: a name as address needs an address to bind',
  errors,
  { members: ['address: a.example', 'address: b.example, listen: b.example', 'address: 10.0.0.3'] },
  [
    `i:5:25: members[0].address "a.example" is a name, and etcd binds IP addresses only; add listen, such as the host's own address or 0.0.0.0`,
    'i:6:44: members[1].listen "b.example" is not an IP address; etcd binds nothing else',
  ],
);

test(
  'RULES: an even number of members is only warned about',
  warnings,
  { members: THREE.slice(1) },
  [
    'i:4:1: 2 members survive no more failures than 1 and need one more vote for every write; use 1 or 3',
  ],
);

// Places

test('RULES: ports differ', errors, { etcd: 'version: 3.5.33, ports: {client: 2380}' }, [
  'i:2:25: etcd.ports.peer 2380 is the client port too',
]);

test(
  'RULES: directories are neither the system’s nor inside the data',
  errors,
  { etcd: 'version: 3.5.33, paths: {bin: /usr/local, data: /srv/etcd, conf: /srv/etcd/conf}' },
  [
    'i:2:38: etcd.paths.bin /usr/local belongs to the system; name a directory for etcd alone',
    'i:2:73: etcd.paths.conf /srv/etcd/conf lies in the data directory /srv/etcd',
  ],
);

for (const [wal, why] of [
  ['/srv/etcd', 'is /srv/etcd (etcd.paths.data)'],
  ['/srv/etcd/log', 'lies in /srv/etcd (etcd.paths.data)'],
  ['/etc/etcd/log', 'lies in /etc/etcd (etcd.paths.conf)'],
  ['/opt/etcd/etcd', 'lies in /opt/etcd (etcd.paths.bin)'],
  ['/var/lib/provision', 'holds /var/lib/provision/snapshots (snapshots.hostDirectory)'],
  ['/srv/etcd.restoring', 'has the name of what is kept beside /srv/etcd (etcd.paths.data)'],
  ['/srv/etcd.aside-1', 'has the name of what is kept beside /srv/etcd (etcd.paths.data)'],
] as const)
  test(
    `RULES: the log has a directory of its own: ${wal}`,
    errors,
    { etcd: `version: 3.5.33, paths: {data: /srv/etcd, wal: ${wal}}` },
    [`i:2:55: etcd.paths.wal ${wal} ${why}; name a directory beside it, for the log alone`],
  );

for (const wal of ['/srv/log/wal', '/srv/etcd-log', '/mnt/fast'])
  test(
    `RULES: the log may be in ${wal}`,
    errors,
    { etcd: `version: 3.5.33, paths: {data: /srv/etcd, wal: ${wal}}` },
    [],
  );

test(
  'RULES: programs, configuration and data may share a parent',
  errors,
  {
    etcd: 'version: 3.5.33, paths: {bin: /usr/local/etcd, data: /usr/local/etcd/data, conf: /usr/local/etcd/conf}',
  },
  [],
);

test('RULES: the unit is no other service', errors, { etcd: 'version: 3.5.33, unit: sshd' }, [
  'i:2:31: etcd.unit sshd must contain etcd, so that no other service is overwritten',
]);

test('RULES: etcd as root is warned about', warnings, { etcd: 'version: 3.5.33, user: root' }, [
  'i:2:31: etcd.user is root; etcd needs no right of root',
]);

test(
  'RULES: an account of others is warned about',
  warnings,
  { etcd: 'version: 3.5.33, user: nobody' },
  [
    'i:2:31: etcd.user is nobody; other services run as that account too, and could read all keys and data',
  ],
);

// Versions

test('RULES: 3.2 is not known', errors, { etcd: 'version: 3.2.32' }, [
  'i:2:17: etcd.version 3.2.32 is outside 3.3 to 3.7, which provision knows',
]);
test('RULES: 3.8 is not known yet', errors, { etcd: 'version: 3.8.0' }, [
  'i:2:17: etcd.version 3.8.0 is outside 3.3 to 3.7, which provision knows',
]);
test('RULES: a version that corrupts data is refused', errors, { etcd: 'version: 3.5.2' }, [
  'i:2:17: etcd.version 3.5.2 is refused: members can diverge when one is killed (etcd#13766); use 3.5.33 or later',
]);
test('RULES: the end of 3.3 is told', warnings, { etcd: 'version: 3.3.27' }, [
  'i:2:17: etcd 3.3.27 gets no fixes: 3.3 ended in October 2021',
]);
test('RULES: missing fixes are told', warnings, { etcd: 'version: 3.5.30' }, [
  'i:2:17: etcd 3.5.30 is older than 3.5.33: unfinished TLS handshakes can exhaust it (GHSA-6vch-q96h-7gc3); a watch can show keys its user may not read (GHSA-xg4h-6gfc-h4m8)',
]);
test('RULES: the last release is not warned about', warnings, { etcd: 'version: 3.7.1' }, []);

// Settings

test('RULES: a flag of the version is taken', setting, '3.5.33', 'snapshot-count: 5000', undefined);
test(
  'RULES: a name is not set twice',
  setting,
  '3.5.33',
  'name: x',
  'name cannot be set: name comes from members[].name',
);
test(
  'RULES: certificates are not set by hand',
  setting,
  '3.5.33',
  'trusted-ca-file: /x',
  'trusted-ca-file cannot be set: trusted-ca-file is set by protocol: https; pki says how certificates are made',
);
test(
  'RULES: acknowledged writes are not given away',
  setting,
  '3.5.33',
  'unsafe-no-fsync: true',
  'unsafe-no-fsync cannot be set: unsafe-no-fsync loses acknowledged writes at a power cut',
);
test(
  'RULES: a removed flag names the version that removed it, and its other name',
  setting,
  '3.7.1',
  'experimental-memory-mlock: true',
  'experimental-memory-mlock is not a flag of etcd 3.7.1: it was removed in 3.7; there it is memory-mlock',
);
test(
  'RULES: a flag of the future names the version that brings it',
  setting,
  '3.4.23',
  'tls-min-version: TLS1.2',
  'tls-min-version is not a flag of etcd 3.4.23: it came with 3.4.25',
);
test(
  'RULES: a misspelt flag names the nearest',
  setting,
  '3.5.33',
  'heartbeat-intervall: 100',
  'heartbeat-intervall is not a flag of etcd; did you mean heartbeat-interval?',
);
test(
  'RULES: a flag in the spelling of the command line names the right one',
  setting,
  '3.5.33',
  'ETCD_SNAPSHOT_COUNT: 100',
  'ETCD_SNAPSHOT_COUNT is not a flag of etcd; did you mean snapshot-count?',
);
test(
  'RULES: a value has the type of its flag',
  setting,
  '3.5.33',
  'snapshot-count: many',
  'snapshot-count must be a whole number, 0 or more, not "many"',
);
test(
  'RULES: a number too large to be exact is refused',
  setting,
  '3.5.33',
  'quota-backend-bytes: 9007199254740993',
  'quota-backend-bytes 9007199254740992 is too large to be exact as a number; quote it',
);
test(
  'RULES: a limit of requests is in bytes',
  setting,
  '3.5.33',
  'max-request-bytes: 10',
  'max-request-bytes is in bytes: with 10 etcd refuses what clients write; without it 1572864 count',
);
test(
  'RULES: a transaction holds something',
  setting,
  '3.5.33',
  'max-txn-ops: 0',
  'max-txn-ops 0 has etcd refuse every transaction; without it 128 count',
);
test(
  'RULES: the old logger is gone',
  setting,
  '3.5.33',
  'logger: capnslog',
  'logger capnslog was removed in 3.5; etcd would not start. Leave it out',
);
test(
  'RULES: a value holds no newline',
  setting,
  '3.5.33',
  'auth-token: "simple\\nETCD_FORCE_NEW_CLUSTER=true"',
  `auth-token must not hold control characters, %, $, \\, ' or \`, not "simple\\nETCD_FORCE_NEW_CLUSTER=true"`,
);
test(
  'RULES: a value holds no %',
  setting,
  '3.5.33',
  'auth-token: "%n"',
  `auth-token must not hold control characters, %, $, \\, ' or \`, not "%n"`,
);
test(
  'RULES: a value holds no $',
  setting,
  '3.5.33',
  'auth-token: "$HOME"',
  `auth-token must not hold control characters, %, $, \\, ' or \`, not "$HOME"`,
);
test(
  'RULES: an election takes five heartbeats',
  setting,
  '3.5.33',
  'heartbeat-interval: 300',
  'heartbeat-interval election-timeout 1000 ms is under 5 × heartbeat-interval 300 ms; etcd would not start',
);
test(
  'RULES: five heartbeats are enough',
  setting,
  '3.5.33',
  'heartbeat-interval: 200, election-timeout: 1000',
  undefined,
);
test(
  'RULES: an election ends',
  setting,
  '3.5.33',
  'election-timeout: 60000',
  'election-timeout election-timeout 60000 ms is over 50000 ms; etcd would not start',
);
test(
  'RULES: revisions are counted, not timed',
  setting,
  '3.5.33',
  'auto-compaction-mode: revision, auto-compaction-retention: 8h',
  'auto-compaction-retention must be a whole number with auto-compaction-mode revision',
);
test(
  'RULES: TLS 1.3 has no choice of ciphers',
  setting,
  '3.5.33',
  'tls-min-version: TLS1.3, cipher-suites: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'cipher-suites mean nothing with tls-min-version TLS1.3; etcd would not start',
);
test(
  'RULES: cipher suites leave one that HTTP/2 needs',
  setting,
  '3.5.33',
  'cipher-suites: TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'cipher-suites lacks TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: HTTP/2 needs one of the two, and etcd serves nobody without it',
);
test(
  'RULES: cipher suites of TLS 1.2 fit the keys',
  setting,
  '3.5.33',
  'tls-max-version: TLS1.2, cipher-suites: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'cipher-suites has no suite for ecdsa keys that HTTP/2 accepts, and TLS 1.3 is not offered: no handshake would succeed; add TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
);
test(
  'RULES: cipher suites are those of Go',
  setting,
  '3.5.33',
  'cipher-suites: ECDHE-RSA-AES128-GCM-SHA256',
  'cipher-suites names ECDHE-RSA-AES128-GCM-SHA256, which etcd does not know; did you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?',
);
for (const [title, settings, expected] of [
  [
    'rotation has a file',
    'enable-log-rotation: true',
    'enable-log-rotation needs log-outputs with exactly one file; etcd would not start',
  ],
  [
    'rotation has one file',
    'enable-log-rotation: true, log-outputs: "/var/log/etcd/a.log,/var/log/etcd/b.log"',
    'enable-log-rotation needs log-outputs with exactly one file; etcd would not start',
  ],
  [
    'rotation beside a stream',
    `enable-log-rotation: true, log-outputs: "/var/log/etcd/a.log,stderr", log-rotation-config-json: '{"MaxSize": 50}'`,
    undefined,
  ],
  [
    'rotation is configured',
    `enable-log-rotation: true, log-outputs: /var/log/etcd/a.log, log-rotation-config-json: '{}'`,
    'log-rotation-config-json must be JSON such as {"maxsize": 100, "maxbackups": 5}, with maxsize, maxage, maxbackups, localtime, compress',
  ],
  [
    'rotation has numbers',
    `enable-log-rotation: true, log-outputs: /var/log/etcd/a.log, log-rotation-config-json: '{"maxsize": "50"}'`,
    'log-rotation-config-json must be JSON such as {"maxsize": 100, "maxbackups": 5}, with maxsize, maxage, maxbackups, localtime, compress (maxsize is wrong)',
  ],
  [
    'default is alone',
    'log-outputs: "default,/var/log/etcd/a.log"',
    'log-outputs names default beside others, which etcd refuses; name stderr instead',
  ],
  [
    'a log file is absolute',
    'log-outputs: etcd.log',
    'log-outputs names etcd.log; a log file needs an absolute path, such as /var/log/etcd/etcd.log',
  ],
  [
    'a log directory is not the system’s',
    'log-outputs: /var/log/etcd.log',
    'log-outputs puts /var/log/etcd.log into /var/log, which belongs to the system; name a directory for etcd alone, such as /var/log/etcd',
  ],
  [
    'a log directory is not the data’s',
    'log-outputs: /var/lib/etcd/log/etcd.log',
    'log-outputs puts /var/lib/etcd/log/etcd.log into /var/lib/etcd, which holds other things',
  ],
  [
    'checkpoints',
    'experimental-enable-lease-checkpoint-persist: true',
    'experimental-enable-lease-checkpoint-persist needs experimental-enable-lease-checkpoint: true; etcd would not start',
  ],
  [
    'hash checks',
    'experimental-compact-hash-check-time: 0s',
    'experimental-compact-hash-check-time must be more than 0; etcd would not start',
  ],
  [
    'tokens',
    'auth-token: jwt',
    'auth-token needs sign-method, one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, HS256, HS384, HS512; etcd would not start',
  ],
] as const)
  test(
    `RULES: settings that fit alone and not together: ${title}`,
    setting,
    '3.5.33',
    settings,
    expected,
  );
test(
  'RULES: a flag is not set by both its names',
  setting,
  '3.6.14',
  'memory-mlock: true, experimental-memory-mlock: true',
  'experimental-memory-mlock stands beside memory-mlock; keep one',
);
test(
  'RULES: metrics are not served at the client port',
  setting,
  '3.5.33',
  'listen-metrics-urls: "http://0.0.0.0:2379"',
  'listen-metrics-urls http://0.0.0.0:2379 is at a port that etcd.ports uses',
);
test(
  'RULES: metrics are served at an address',
  setting,
  '3.5.33',
  'listen-metrics-urls: "http://metrics:2381"',
  'listen-metrics-urls http://metrics:2381 names no IP address; etcd binds nothing else',
);
test(
  'RULES: a large quota is warned about',
  warnings,
  {
    etcd: 'version: 3.5.33, settings: {quota-backend-bytes: 8589934593, strict-reconfig-check: false}',
  },
  [
    'i:2:57: etcd.settings.quota-backend-bytes is over 8 GiB, the most etcd is recommended to hold',
    'i:2:92: etcd.settings.strict-reconfig-check false lets a membership change take the quorum away',
  ],
);

// Certificates

test(
  'parseInventory: no member is called like a directory of the PKI store',
  errors,
  {
    members: ['peer-ca', 'next-ca', 'previous-ca', 'retired-ca-x', 'my-peer-ca'].map(
      (name, at) => `name: ${name}, address: 10.0.0.${at + 1}`,
    ),
  },
  ['peer-ca', 'next-ca', 'previous-ca', 'retired-ca-x'].map(
    (name, at) => `i:${at + 5}:12: members[${at}].name "${name}" is a directory of the PKI store`,
  ),
);

test(
  'RULES: certificates carry only names that clients accept',
  errors,
  { top: 'pki: {sans: ["*", "", "*.etcd.svc", "a.*.b", "a b"]}' },
  [
    'i:3:14: pki.sans[0] "*" is a bare *, which no client accepts; write *.some.domain',
    'i:3:19: pki.sans[1] "" is empty',
    'i:3:37: pki.sans[3] "a.*.b" may hold one *, alone in its first label',
    'i:3:46: pki.sans[4] "a b" holds a blank or control character',
  ],
);
test(
  'RULES: a leaf that would outlive its CA is warned about',
  warnings,
  { top: 'pki: {expiry: {ca: 100h, leaf: 101h}}' },
  [
    'i:3:32: pki.expiry.leaf 101h is more than pki.expiry.ca 100h; certificates will end with their CA',
  ],
);
test(
  'RULES: certificates for http are warned about',
  warnings,
  { top: 'protocol: http\npki: {sans: [a]}' },
  ['i:4:1: pki is not used with protocol: http'],
);

// What a version refuses at its start

test(
  'RULES: 3.5.33 with auto-compaction-retention: 1us is refused',
  setting,
  '3.5.33',
  'auto-compaction-retention: 1us',
  'auto-compaction-retention must be 0 or at least 1s, not 1us; etcd could end with a panic',
);
test(
  'RULES: 3.5.33 with auto-compaction-retention: 2562048 is refused',
  setting,
  '3.5.33',
  'auto-compaction-retention: 2562048',
  'auto-compaction-retention is in hours: at most 2562047, not 2562048; etcd would not start',
);
test(
  'RULES: 3.5.33 with auto-compaction-mode: revision, auto-compaction-retention: 2562048 is fine',
  setting,
  '3.5.33',
  'auto-compaction-mode: revision, auto-compaction-retention: 2562048',
  undefined,
);
test(
  'RULES: 3.7.1 with quota-backend-bytes: 70368744177664 is refused',
  setting,
  '3.7.1',
  'quota-backend-bytes: 70368744177664',
  'quota-backend-bytes is in bytes: at most 17592186044416 (16 TiB), since etcd cannot map more into memory; 8589934592 (8 GiB) is the most etcd recommends',
);
test(
  'RULES: 3.6.14 with max-learners: -1 is refused',
  setting,
  '3.6.14',
  'max-learners: -1',
  'max-learners must be 0 or more; etcd would not start',
);
test('RULES: 3.6.14 with max-learners: 0 is fine', setting, '3.6.14', 'max-learners: 0', undefined);
test(
  'RULES: 3.6.14 with v2-deprecation: not-yet is refused',
  setting,
  '3.6.14',
  'v2-deprecation: not-yet',
  'v2-deprecation must be write-only or write-only-skip-check or write-only-drop-data or gone with etcd 3.6.14, not not-yet; etcd would not start',
);
test(
  'RULES: 3.5.33 with v2-deprecation: not-yet, enable-v2: true is fine',
  setting,
  '3.5.33',
  'v2-deprecation: not-yet, enable-v2: true',
  undefined,
);
test(
  'RULES: 3.5.33 with v2-deprecation: gone, enable-v2: true is refused',
  setting,
  '3.5.33',
  'v2-deprecation: gone, enable-v2: true',
  'enable-v2 cannot be true with v2-deprecation gone; etcd would not start',
);
test(
  'RULES: 3.6.14 with distributed-tracing-sampling-rate: 1000001 is refused',
  setting,
  '3.6.14',
  'distributed-tracing-sampling-rate: 1000001',
  'distributed-tracing-sampling-rate must be from 0 to 1000000 (samples per million), not 1000001',
);
test(
  'RULES: 3.5.33 with experimental-distributed-tracing-sampling-rate: -1 is refused',
  setting,
  '3.5.33',
  'experimental-distributed-tracing-sampling-rate: -1',
  'experimental-distributed-tracing-sampling-rate must be from 0 to 1000000 (samples per million), not -1',
);
test(
  'RULES: 3.6.14 with feature-gates: "CompactHashChek=true" is refused',
  setting,
  '3.6.14',
  'feature-gates: "CompactHashChek=true"',
  'feature-gates names CompactHashChek, which etcd 3.6.14 does not have; did you mean CompactHashCheck?',
);
test(
  'RULES: 3.6.14 with feature-gates: "PriorityRequest=true" is refused',
  setting,
  '3.6.14',
  'feature-gates: "PriorityRequest=true"',
  'feature-gates names PriorityRequest, which etcd 3.6.14 does not have (known: AllAlpha, AllBeta, StopGRPCServiceOnDefrag, TxnModeWriteWithSharedBuffer, InitialCorruptCheck, CompactHashCheck, LeaseCheckpoint, LeaseCheckpointPersist, SetMemberLocalAddr)',
);
test(
  'RULES: 3.7.1 with feature-gates: "PriorityRequest=true,AllBeta=f" is fine',
  setting,
  '3.7.1',
  'feature-gates: "PriorityRequest=true,AllBeta=f"',
  undefined,
);
test(
  'RULES: 3.7.1 with feature-gates: "CompactHashCheck=yes" is refused',
  setting,
  '3.7.1',
  'feature-gates: "CompactHashCheck=yes"',
  'feature-gates must say CompactHashCheck=true or CompactHashCheck=false',
);
test(
  'RULES: 3.7.1 with feature-gates: "LeaseCheckpointPersist=true" is refused',
  setting,
  '3.7.1',
  'feature-gates: "LeaseCheckpointPersist=true"',
  'feature-gates LeaseCheckpointPersist needs LeaseCheckpoint=true beside it',
);
test(
  'RULES: 3.7.1 with feature-gates: "AllAlpha=true,LeaseCheckpointPersist=true" is fine',
  setting,
  '3.7.1',
  'feature-gates: "AllAlpha=true,LeaseCheckpointPersist=true"',
  undefined,
);
test(
  'RULES: 3.6.14 with feature-gates: "LeaseCheckpoint=true,LeaseCheckpointPersist=true", experimental-enable-lease-checkpoint: true is refused',
  setting,
  '3.6.14',
  'feature-gates: "LeaseCheckpoint=true,LeaseCheckpointPersist=true", experimental-enable-lease-checkpoint: true',
  'experimental-enable-lease-checkpoint stands beside feature-gates with LeaseCheckpoint; keep the feature gate',
);
test('RULES: 3.5.33 with cors: "*" is fine', setting, '3.5.33', 'cors: "*"', undefined);
test(
  'RULES: 3.5.33 with cors: "http://a" is refused',
  setting,
  '3.5.33',
  'cors: "http://a"',
  'cors must be * or URLs with a port and without a path, such as http://localhost:8080, not http://a; etcd would not start',
);
test(
  'RULES: 3.3.27 with cors: "http://a" is fine',
  setting,
  '3.3.27',
  'cors: "http://a"',
  undefined,
);
test(
  'RULES: 3.5.33 with max-request-bytes: "9223372036854775807" is refused',
  setting,
  '3.5.33',
  'max-request-bytes: "9223372036854775807"',
  'max-request-bytes 9223372036854776000 is so large that etcd refuses every request',
);
test(
  'RULES: 3.5.33 with listen-metrics-urls: "https://0.0.0.0:2381" is fine',
  setting,
  '3.5.33',
  'listen-metrics-urls: "https://0.0.0.0:2381"',
  undefined,
);
test(
  'RULES: 3.5.33 with listen-metrics-urls: "unix://0.0.0.0:2381" is refused',
  setting,
  '3.5.33',
  'listen-metrics-urls: "unix://0.0.0.0:2381"',
  'listen-metrics-urls unix://0.0.0.0:2381 is a socket file; name an IP address and a port',
);
test(
  'RULES: 3.5.33 with listen-metrics-urls: "http://0.0.0.0:99999" is refused',
  setting,
  '3.5.33',
  'listen-metrics-urls: "http://0.0.0.0:99999"',
  'listen-metrics-urls http://0.0.0.0:99999 names no port from 1 to 65535',
);
test(
  'RULES: 3.5.33 with listen-metrics-urls: "http://0.0.0.0:80" is fine',
  setting,
  '3.5.33',
  'listen-metrics-urls: "http://0.0.0.0:80"',
  undefined,
);
test(
  'RULES: 3.5.33 with listen-metrics-urls: "http://0.0.0.0:81?a" is refused',
  setting,
  '3.5.33',
  'listen-metrics-urls: "http://0.0.0.0:81?a"',
  'listen-metrics-urls http://0.0.0.0:81?a names no port from 1 to 65535',
);
test(
  'RULES: 3.4.45 with log-outputs: "systemd/journal,stderr" is refused',
  setting,
  '3.4.45',
  'log-outputs: "systemd/journal,stderr"',
  'log-outputs names systemd/journal beside others, which etcd refuses; keep one',
);
test(
  'RULES: 3.4.45 with logger: capnslog, log-outputs: "stdout,stderr" is refused',
  setting,
  '3.4.45',
  'logger: capnslog, log-outputs: "stdout,stderr"',
  'log-outputs names more than one place, which etcd refuses with logger: capnslog',
);
test(
  'RULES: 3.6.14 with compact-hash-check-time: 0.5ns is refused',
  setting,
  '3.6.14',
  'compact-hash-check-time: 0.5ns',
  'compact-hash-check-time must be more than 0; etcd would not start',
);

test(
  'RULES: metrics over TLS need certificates',
  errors,
  {
    top: 'protocol: http',
    etcd: 'version: 3.5.33, settings: {listen-metrics-urls: "https://0.0.0.0:2381"}',
  },
  [
    'i:2:57: etcd.settings.listen-metrics-urls https://0.0.0.0:2381 needs protocol: https; etcd would not start',
  ],
);

const token = (pub: string) =>
  `auth-token: "jwt,pub-key=${pub},priv-key=/etc/jwt/a.key,sign-method=RS256"`;
test('RULES: keys of tokens may lie beside', setting, '3.5.33', token('/etc/jwt/a.pub'), undefined);
for (const [pub, why] of [
  ['a.pub', 'a key needs an absolute path, such as /etc/etcd-jwt/private.pem'],
  [
    '/var/tmp/a.pub',
    'which the unit hides from etcd; put it elsewhere, such as into /etc/etcd-jwt',
  ],
  [
    '/etc/etcd/pki/a.pub',
    'but /etc/etcd/pki is replaced as a whole by provision; put it elsewhere, such as into /etc/etcd-jwt',
  ],
  [
    '/var/lib/etcd/a.pub',
    'but /var/lib/etcd is replaced as a whole by provision; put it elsewhere, such as into /etc/etcd-jwt',
  ],
] as const) {
  const sign = pub === 'a.pub' ? ';' : ',';
  test(
    `RULES: a key of tokens may not be ${pub}`,
    setting,
    '3.5.33',
    token(pub),
    `auth-token names ${pub}${sign} ${why}`,
  );
}

const service = test.macro((t, settings: string, expected: readonly string[]) => {
  const found = errorsIn({ etcd: `version: 3.5.33, service: {${settings}}` });
  t.deepEqual(
    found.map((one) => one.replace(/^i:2:\d+: etcd\.service\./, '')),
    expected,
  );
});

test(
  'RULES: settings of the unit may be chosen from a list',
  service,
  'MemoryMax: 8G, MemoryHigh: 7G, CPUWeight: 500, Nice: -5, CPUQuota: 200%, CPUAffinity: "0 1", LimitNOFILE: 100000, Slice: database.slice',
  [],
);
test(
  'RULES: a setting of the unit that provision decides is refused with its reason',
  service,
  'User: root, LimitCORE: 1',
  [
    'User cannot be set: User comes from etcd.user',
    'LimitCORE cannot be set: LimitCORE is 0: a core file would hold keys',
  ],
);
test(
  'RULES: a setting of the unit that nobody knows is refused with the nearest',
  service,
  'MemroyMax: 8G, Foo: 1',
  [
    'MemroyMax is not a setting of systemd that may be set here; did you mean MemoryMax?',
    'Foo is not a setting of systemd that may be set here',
  ],
);
test(
  'RULES: a value that systemd would ignore is refused',
  service,
  'MemoryMax: 8GB, Nice: 20, CPUWeight: 0',
  [
    'MemoryMax must be infinity or an amount of memory such as 8G (K, M, G or T; a bare number is bytes), not "8GB"',
    'Nice must be a whole number from -20 to 19, not 20',
    'CPUWeight must be a whole number from 1 to 10000, not 0',
  ],
);
test(
  'RULES: what is protected or slowed down lies below the limit of memory',
  service,
  'MemoryMax: 4G, MemoryHigh: 8G, MemoryLow: 1G',
  ['MemoryHigh must be at most MemoryMax (4G)'],
);
test(
  'RULES: warns of a limit of memory below the quota',
  warnings,
  { etcd: 'version: 3.5.33, service: {MemoryMax: 1G}' },
  [
    'i:2:46: etcd.service.MemoryMax is less than a database may have (quota-backend-bytes, 2147483648 bytes): etcd reads its database through memory, and gets slow when that has no space',
  ],
);

const ofOne = test.macro((t, all: string, one: string, expected: readonly string[]) => {
  const found = errorsIn({
    etcd: `version: 3.5.33, settings: {${all}}`,
    members: [`address: 10.0.0.1, settings: {${one}}`, ...THREE.slice(1)],
  });
  t.deepEqual(
    found.map((one) => one.replace(/^i:(\d+):\d+: /, '$1 ')),
    expected,
  );
});

test(
  'RULES: a member may have settings of its own',
  ofOne,
  'log-level: info',
  'log-level: debug, snapshot-count: 5000, listen-metrics-urls: "http://10.0.0.1:2381"',
  [],
);
test(
  'RULES: a setting of one member is held to the flags of the version',
  ofOne,
  '',
  'snapshot-cuont: 5, log-level: loud, listen-metrics-urls: "http://a:1", data-dir: /x/y',
  [
    '5 members[0].settings.snapshot-cuont is not a flag of etcd; did you mean snapshot-count?',
    '5 members[0].settings.log-level must be debug or info or warn or error or panic or fatal, not "loud"',
    '5 members[0].settings.listen-metrics-urls http://a:1 names no IP address; etcd binds nothing else',
    '5 members[0].settings.data-dir cannot be set: data-dir comes from etcd.paths.data',
  ],
);
test(
  'RULES: what all members must have alike is no setting of one',
  ofOne,
  '',
  'election-timeout: 5000, quota-backend-bytes: 4294967296, strict-reconfig-check: true',
  [
    '5 members[0].settings.election-timeout cannot be set for one member: election-timeout decides elections, which go wrong where members differ; set it in etcd.settings',
    '5 members[0].settings.quota-backend-bytes cannot be set for one member: quota-backend-bytes has the whole cluster take no writes when the smallest of them is full; set it in etcd.settings',
    '5 members[0].settings.strict-reconfig-check cannot be set for one member: strict-reconfig-check decides what the cluster does as a whole; set it in etcd.settings',
  ],
);
test(
  'RULES: a mistake of all members is told once',
  ofOne,
  'log-level: loud',
  'snapshot-count: 5000',
  [
    '2 etcd.settings.log-level must be debug or info or warn or error or panic or fatal, not "loud"',
  ],
);
test(
  'RULES: settings of all and of one are held against each other',
  ofOne,
  'experimental-distributed-tracing-sampling-rate: 5',
  'experimental-distributed-tracing-sampling-rate: 2000000',
  [
    '5 members[0].settings.experimental-distributed-tracing-sampling-rate must be from 0 to 1000000 (samples per million), not 2000000',
  ],
);
test(
  'RULES: a unit that stays as somebody else made it gets no settings',
  errors,
  {
    etcd: 'version: 3.5.33, service: {Nice: -5}',
    top: 'adopted: {clusterId: 8e9e05c52164694d, layout: keep}',
  },
  ['i:2:35: etcd.service.Nice belongs into their unit: with layout: keep that stays as it is'],
);
