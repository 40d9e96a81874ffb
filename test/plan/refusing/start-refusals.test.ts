import test from 'ava';
import type { LogFileTrouble } from '../../../src/facts/host/log-files.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, FRESH, settled, wanted } from '../facts.ts';

const LOG = '/var/log/etcd/etcd.log';
const WISHES = { freshToken: FRESH, wipe: false, allowDowntime: true };
const FLAG = 'etcd.settings.listen-metrics-urls';

/** What `plan` says of a running cluster that gets these settings, with these facts of its second member. */
function said(
  settings: Readonly<Record<string, string>>,
  facts: Partial<MemberFacts> | ((found: MemberFacts) => Partial<MemberFacts>),
): readonly (readonly [string, string])[] {
  const desired = wanted(3, { etcd: { version: '3.5.30', settings } });
  const found = but(settled(wanted(3)), 'etcd02', (member) =>
    typeof facts === 'function' ? facts(member) : facts,
  );
  return planCluster(desired, found, WISHES).refusals.map(
    ({ sentence, next }) => [sentence, nextText(next)] as const,
  );
}

test('startRefusals: metrics at an address that the host lacks', (t) => {
  t.deepEqual(
    said({ 'listen-metrics-urls': 'http://10.9.9.9:2381' }, { lacking: new Set(['10.9.9.9']) }),
    [
      [
        `etcd02: does not have the address 10.9.9.9 (${FLAG}), so etcd would not start`,
        `name an address that every member has in ${FLAG}, such as 127.0.0.1, or 0.0.0.0 for all of the host's; or each member's own in members[].settings`,
      ],
    ],
  );
});

test('startRefusals: the address that client and peer port are to listen at', (t) => {
  t.deepEqual(said({}, { lacking: new Set(['198.18.0.12']) }), [
    [
      'etcd02: does not have the address 198.18.0.12, where its client and peer port are to listen, so etcd would not start',
      'see which it has: ip -brief address on etcd02; name that one as listen of etcd02 in INVENTORY (0.0.0.0 for all), or give the address back to the host',
    ],
  ]);
});

test('startRefusals: ports below what accounts may listen at', (t) => {
  const low = { 'listen-metrics-urls': 'http://127.0.0.1:81,http://127.0.0.1:90' };
  const told = (facts: (found: MemberFacts) => Partial<MemberFacts>) =>
    said(low, facts).filter(([sentence]) => sentence.startsWith('etcd02'));
  t.deepEqual(
    told(({ machine }) => ({ machine: { ...machine, unprivilegedPorts: 85 } })),
    [
      [
        `etcd02: only root may listen at ports below 85, and etcd runs without that right, so it would not start with port 81 (${FLAG})`,
        'choose ports from 85 on; or let every account listen from 81 on, on etcd02: echo net.ipv4.ip_unprivileged_port_start=81 > /etc/sysctl.d/90-etcd-ports.conf && sysctl -p /etc/sysctl.d/90-etcd-ports.conf',
      ],
    ],
  );
  t.deepEqual(
    told(({ machine }) => ({ machine: { ...machine, unprivilegedPorts: 81 } })),
    [],
  );
});

const URLS = 'http://127.0.0.1:2381,http://[::1]:2382';
const nginx = { process: 'nginx', pid: 7 };

for (const [port, address, isTaken] of [
  [2381, '127.0.0.1', true],
  [2381, '0.0.0.0', true],
  [2381, '*', true],
  [2381, '10.0.0.2', false],
  [2381, '::', false],
  [2382, '::', true],
  [2382, '0.0.0.0', false],
  [2383, '*', false],
] as const)
  test(`startRefusals: metrics at a port beside nginx at ${address}:${port}: ${isTaken ? 'refused' : 'taken'}`, (t) => {
    const refused = said({ 'listen-metrics-urls': URLS }, (member) => ({
      listeners: [...member.listeners, { port, address, ...nginx }],
    }));
    t.deepEqual(
      refused,
      isTaken
        ? [
            [
              `etcd02: port ${port} (${FLAG}) is taken by nginx (pid 7), so etcd would not start`,
              `stop nginx on etcd02, or choose another port in ${FLAG}`,
            ],
          ]
        : [],
    );
  });

test('startRefusals: metrics at a port of another etcd', (t) => {
  const other = { port: 2381, address: '*', process: 'etcd', pid: 7 };
  t.deepEqual(said({ 'listen-metrics-urls': 'http://0.0.0.0:2381' }, { listeners: [other] }), [
    [
      `etcd02: port 2381 (${FLAG}) is taken by etcd (pid 7), so etcd would not start`,
      `it may be a member of a cluster, so do not stop it: choose another port in ${FLAG}`,
    ],
  ]);
});

test('startRefusals: the port that the member itself serves metrics at is not refused', (t) => {
  const found = ({ unit }: MemberFacts) => ({
    listeners: [{ port: 2381, address: '127.0.0.1', process: 'etcd', pid: unit.pid }],
  });
  t.deepEqual(said({ 'listen-metrics-urls': 'http://127.0.0.1:2381' }, found), []);
});

const NOT = `etcd02: etcd could not log to ${LOG} (etcd.settings.log-outputs) and would not start`;
const ELSE = 'name another file in etcd.settings.log-outputs';

for (const [trouble, sentence, next] of [
  [{ kind: 'notAFile' }, 'a directory is there', ELSE],
  [
    { kind: 'link', realPath: '/mnt/etcd.log' },
    'it is a link to /mnt/etcd.log, where the unit does not let etcd write',
    ELSE,
  ],
  [
    { kind: 'barred', at: LOG, owner: 'root:root 644' },
    'it belongs to root:root 644, and etcd runs as etcd',
    `if it is a log of etcd, on etcd02: chown etcd: ${LOG} && chmod u+rw ${LOG}; or ${ELSE}`,
  ],
  [
    { kind: 'barred', at: '/var/log/etcd', owner: 'root:adm 750' },
    '/var/log/etcd belongs to root:adm 750, and etcd runs as etcd',
    ELSE,
  ],
] as const satisfies readonly (readonly [LogFileTrouble, string, string])[])
  test(`startRefusals: a log file: ${sentence}`, (t) => {
    t.deepEqual(said({ 'log-outputs': LOG }, { logFiles: new Map([[LOG, trouble]]) }), [
      [`${NOT}: ${sentence}`, next],
    ]);
  });
