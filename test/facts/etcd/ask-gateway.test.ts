import { createServer } from 'node:http';
import test from 'ava';
import {
  askGateway,
  askGatewayAnd,
  isNamed,
  servesDialledAddress,
} from '../../../src/facts/etcd/ask-gateway.ts';
import { localHost } from '../../host/local-host.ts';
import { settled, wanted } from '../../plan/facts.ts';
import { listening } from '../listening.ts';

const ports = { client: 2379, peer: 2380 };

const CASES: readonly (readonly [string, string, string | undefined, boolean])[] = [
  ['its own address', '198.18.0.11', 'https://198.18.0.11:2379,https://127.0.0.1:2379', true],
  ['every address', '127.0.0.1', 'https://0.0.0.0:2379', true],
  ['every IPv6 address', '::1', 'https://[::]:2379', true],
  ['an IPv6 address', 'fd00::11', 'https://[fd00::11]:2379,https://127.0.0.1:2379', true],
  ['an address it had before', '198.18.0.11', 'https://198.18.0.21:2379', false],
  ['another port', '198.18.0.11', 'https://198.18.0.11:2378,https://127.0.0.1:2379', false],
  ['plain http', '198.18.0.11', 'http://198.18.0.11:2379', false],
  ['nothing that is told', '198.18.0.11', undefined, false],
];

for (const [title, address, urls, expected] of CASES)
  test(`servesDialledAddress(): a process that listens at ${title} ${expected ? 'is' : 'is not'} who answers`, (t) => {
    const environment = new Map(urls === undefined ? [] : [['ETCD_LISTEN_CLIENT_URLS', urls]]);
    const process = { executable: '/opt/etcd/current/etcd', environment };
    const listener = { address, ports };
    t.is(servesDialledAddress({ process }, { protocol: 'https' }, { listener }), expected);
    t.false(servesDialledAddress({ process: undefined }, { protocol: 'https' }, { listener }));
  });

test('isNamed() knows a member by its name in the list it gives itself', (t) => {
  const [one, two] = ['etcd01', 'etcd02'].map((name) => settled(wanted()).members.get(name)?.etcd);
  if (one === undefined || two === undefined) throw new Error('no such member');
  t.true(isNamed(one, 'etcd01'));
  t.false(isNamed(two, 'etcd01'));
  t.false(isNamed({ ...one, members: undefined }, 'etcd01'));
  t.false(isNamed({ ...one, status: undefined }, 'etcd01'));
});

for (const [title, answer] of [
  ['a page', '<html>hello</html>'],
  ["JSON that is not etcd's", '{"status":"ok"}'],
] as const)
  test(`askGateway() leaves it to etcdctl where something answers with ${title}`, async (t) => {
    const server = createServer((_, response) => response.end(answer));
    const { dial, dials } = await listening(t, server);
    const host = { ...localHost('etcd01'), dial };
    const [member] = wanted().members;
    if (member === undefined) throw new Error('a cluster has a member');
    const http = { protocol: 'http', version: '3.5.30' } as const;
    t.is(await askGateway(host, http, member, '/nonexistent'), undefined);
    t.is(dials(), 1);
  });

test('askGatewayAnd() asks the gateway and further paths over one connection', async (t) => {
  const header = { cluster_id: '1', member_id: '2', revision: '3', raft_term: '4' };
  const answers: Readonly<Record<string, string>> = {
    '/v3/maintenance/status': JSON.stringify({
      ...{ header, version: '3.5.30', dbSize: '1', dbSizeInUse: '1', leader: '2' },
      ...{ raftIndex: '5', raftTerm: '4', raftAppliedIndex: '5' },
    }),
    '/v3/cluster/member/list': JSON.stringify({ header, members: [{ ID: '2', name: 'etcd01' }] }),
    '/v3/kv/range': JSON.stringify({ header }),
    '/metrics': 'etcd_server_has_leader 1\n',
  };
  const server = createServer(({ url = '' }, response) => {
    if (answers[url] === undefined) response.statusCode = 404;
    response.end(answers[url]);
  });
  const { dial, dials } = await listening(t, server);
  const host = { ...localHost('etcd01'), dial };
  const [member] = wanted().members;
  if (member === undefined) throw new Error('a cluster has a member');
  const http = { protocol: 'http', version: '3.5.30' } as const;
  const ask = (...paths: readonly string[]) =>
    askGatewayAnd(paths, host, http, member, '/nonexistent');
  const answer = await ask('/metrics');
  t.deepEqual(answer?.texts, ['etcd_server_has_leader 1\n']);
  t.true(answer !== undefined && isNamed(answer.told, 'etcd01'));
  t.is(dials(), 1);
  t.is(await ask('/metrics', '/version'), undefined);
});
