import { createServer } from 'node:http';
import test from 'ava';
import { askWithoutTool } from '../../../src/facts/etcd/ask-without-tool.ts';
import type { EtcdFact } from '../../../src/facts/etcd/etcd.ts';
import { localHost } from '../../host/local-host.ts';
import { wanted } from '../../plan/facts.ts';
import { listening } from '../listening.ts';

const why = 'No such file or directory';
const told: EtcdFact = {
  healthy: false,
  complaint: `env: '/opt/etcd/etcd/etcdctl': ${why}`,
  ...{ members: undefined, status: undefined, unasked: why },
};

for (const [title, status, text, expected] of [
  [
    'that it is healthy',
    200,
    '{"health":"true"}',
    { ...told, healthy: true, complaint: undefined },
  ],
  ['that it is not', 503, '{"health":"false","reason":"RAFT NO LEADER"}', told],
  ['what etcd does not say', 200, '<html>hello</html>', told],
] as const)
  test(`askWithoutTool() takes /health for an answer where it says ${title}`, async (t) => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/health' ? status : 404;
      response.end(request.url === '/health' ? text : '404 page not found');
    });
    const { dial } = await listening(t, server);
    const host = { ...localHost('etcd01'), dial };
    const [member] = wanted().members;
    if (member === undefined) throw new Error('a cluster has a member');
    const http = { protocol: 'http', version: '3.5.30' } as const;
    t.deepEqual(await askWithoutTool(host, http, member, '/nonexistent', told), expected);
  });
