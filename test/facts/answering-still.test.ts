import { createServer } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { lookAtMembers } from '../../src/facts/gather.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { Failure } from '../../src/failure/failure.ts';
import { settled, stopped, wanted } from '../plan/facts.ts';
import { listening } from './listening.ts';

const one = wanted(1, { protocol: 'http' });

/** What was seen of the only member: it answers where it is dialled. */
function seen(): MemberFacts {
  const facts = settled(one).members.get('etcd01');
  const [member] = one.members;
  if (facts?.unit.process === undefined || member === undefined) throw new Error('it runs');
  const { address, ports } = member.listener;
  const environment = new Map([['ETCD_LISTEN_CLIENT_URLS', `http://${address}:${ports.client}`]]);
  const process = { ...facts.unit.process, environment };
  return { ...facts, unit: { ...facts.unit, process } };
}

/** Looks at it where its gateway tells this id and revision; what it is, or that its host was asked all again. */
async function look(
  t: ExecutionContext,
  before: MemberFacts,
  { id = BigInt(`0x${before.etcd.status?.memberId ?? 0}`), revision = 7 } = {},
) {
  const header = { cluster_id: '1', member_id: `${id}`, revision: `${revision}`, raft_term: '4' };
  const answers: Readonly<Record<string, string>> = {
    '/v3/maintenance/status': JSON.stringify({ header, version: one.version, leader: `${id}` }),
    '/v3/cluster/member/list': JSON.stringify({
      header,
      members: [{ ID: `${id}`, name: 'etcd01' }],
    }),
    '/v3/kv/range': JSON.stringify({ header }),
  };
  const server = createServer(({ url = '' }, response) => response.end(answers[url] ?? ''));
  const { dial } = await listening(t, server);
  const again = new Failure('failed', 'asked all again', { next: [] });
  const host = { name: 'etcd01', dial, run: () => Promise.reject(again), close: async () => {} };
  const reach = { hosts: new Map([['etcd01', host]]), store: '/nowhere', seen: async () => before };
  const found = (await lookAtMembers(reach, one)).get('etcd01');
  return found === undefined || 'unreachable' in found ? found?.unreachable.message : found;
}

test('lookAtMembers() asks the etcd alone of a host that was seen a moment ago', async (t) => {
  const before = seen();
  const found = await look(t, before);
  if (found === undefined || typeof found === 'string') return t.fail(found);
  t.is(found.etcd.status?.revision, 7);
  t.deepEqual({ ...found, etcd: before.etcd }, before);
});

for (const [title, change, told] of [
  ['another member answers there by now', (facts: MemberFacts) => facts, { id: 99n }],
  ['it did not run', stopped, {}],
  [
    'it was not ready',
    (facts: MemberFacts) => ({ unit: { ...facts.unit, active: 'activating' } }),
    {},
  ],
  [
    'it did not answer',
    (facts: MemberFacts) => ({ etcd: { ...facts.etcd, healthy: false, complaint: 'no answer' } }),
    {},
  ],
] as const)
  test(`lookAtMembers() asks a host all again where ${title}`, async (t) => {
    const before = seen();
    t.is(await look(t, { ...before, ...change(before) }, told), 'asked all again');
  });
