import test from 'ava';
import { type ClientAccess, clientAccess } from '../../../src/plan/switching/client-access.ts';
import { but, settled, stopped, wanted } from '../facts.ts';
import { runningAs, serving, switching } from '../switching.ts';

const { from: http, desired, before } = switching('https');
const NAMES = ['etcd01', 'etcd02', 'etcd03'];
const running = (cluster: Parameters<typeof runningAs>[2], names = NAMES) =>
  names.reduce((facts, name) => runningAs(facts, name, cluster), before);
const peers = new Map(NAMES.map((name) => [name, 'https'] as const));
const at = (protocol: string, port: number, hosts = [11, 12, 13]) =>
  hosts.map((host) => `${protocol}://198.18.0.${host}:${port}`);
const says = (wanted: string, now: string) =>
  `the inventory says ${wanted}, and clients are served over ${now}`;

const stage = running(desired.window(peers, serving()));
const shared = running(desired.window(peers, serving(['http', 'https'], 2379)));
const left = running(desired.withPort(2378));
const done = running(desired.target);
const half = runningAs(runningAs(stage, 'etcd02', desired.target), 'etcd03', desired.target);

const TABLE: readonly (readonly [string, typeof before, ClientAccess, ClientAccess])[] = [
  [
    'every member serves http',
    before,
    { protocol: 'http', endpoints: at('http', 2379), notes: [] },
    { protocol: 'http', endpoints: at('http', 2379), notes: [says('https', 'http')] },
  ],
  [
    'both are served, each at a port of its own',
    stage,
    { protocol: 'http', endpoints: at('http', 2379), notes: [] },
    { protocol: 'https', endpoints: at('https', 2378), notes: [] },
  ],
  [
    'both are served at one port',
    shared,
    { protocol: 'http', endpoints: at('http', 2379), notes: [] },
    { protocol: 'https', endpoints: at('https', 2379), notes: [] },
  ],
  [
    'http has been ended on two of three',
    half,
    { protocol: 'https', ...mixed([says('http', 'https')]) },
    { protocol: 'https', ...mixed([]) },
  ],
  [
    'the port of the stage is left',
    left,
    { protocol: 'https', endpoints: at('https', 2379), notes: [says('http', 'https')] },
    { protocol: 'https', endpoints: at('https', 2379), notes: [] },
  ],
  [
    'the switch is done',
    done,
    { protocol: 'https', endpoints: at('https', 2379), notes: [says('http', 'https')] },
    { protocol: 'https', endpoints: at('https', 2379), notes: [] },
  ],
  [
    'one member does not run',
    but(done, 'etcd02', stopped),
    { protocol: 'https', endpoints: at('https', 2379), notes: [says('http', 'https')] },
    { protocol: 'https', endpoints: at('https', 2379), notes: [] },
  ],
];

/** Two serve https at the client port, and the third still at the port of the stage. */
function mixed(notes: readonly string[]) {
  return { endpoints: [...at('https', 2378, [11]), ...at('https', 2379, [12, 13])], notes };
}

for (const [what, { members }, byHttp, byHttps] of TABLE)
  test(`clientAccess() is as members serve where ${what}`, (t) => {
    t.deepEqual(clientAccess('http', http.members, members), byHttp);
    t.deepEqual(clientAccess('https', desired.target.members, members), byHttps);
  });

test('clientAccess() leaves members out that do not serve what most serve', (t) => {
  const { members } = runningAs(done, 'etcd03', http);
  t.deepEqual(clientAccess('http', http.members, members), {
    protocol: 'https',
    endpoints: at('https', 2379, [11, 12]),
    notes: [says('http', 'https'), 'etcd03 does not serve https, and is left out'],
  });
});

test('clientAccess() is as the inventory says where no host was asked, or none runs', (t) => {
  const cluster = wanted(3);
  const expected = { protocol: 'https' as const, endpoints: at('https', 2379), notes: [] };
  t.deepEqual(clientAccess('https', cluster.members, new Map()), expected);
  const { members } = NAMES.reduce((facts, name) => but(facts, name, stopped), settled(cluster));
  t.deepEqual(clientAccess('https', cluster.members, members), expected);
});
