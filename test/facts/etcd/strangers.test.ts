import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { askFromOutside } from '../../../src/facts/etcd/strangers.ts';
import type { Host, Result } from '../../../src/host/host.ts';
import { wanted } from '../../plan/facts.ts';

const ID = '8e9e05c52164694d';
const status = (id: string) =>
  JSON.stringify([
    {
      Endpoint: 'https://198.18.0.19:2379',
      Status: {
        ...{ header: { cluster_id: 1, member_id: 0, revision: 1, raft_term: 2 } },
        ...{ version: '3.5.30', dbSize: 20480, leader: 1, raftIndex: 9, raftTerm: 2 },
      },
    },
  ]).replace('"member_id":0', `"member_id":${BigInt(`0x${id}`)}`);
const said = (exitCode: number, stdout: string, stderr = ''): Result => ({
  ...{ exitCode, stdout, stderr },
});

/** A host whose etcdctl gets these answers, by the URL that it asks. */
function host(answers: Readonly<Record<string, Result>>, asked: string[] = []): Host {
  return {
    name: 'etcd01',
    run: async ({ text }: { readonly text: string }) => {
      asked.push(text);
      const url = Object.keys(answers).find((one) => text.includes(one));
      return answers[url ?? ''] ?? said(1, '', 'context deadline exceeded');
    },
  } as Partial<Host> as Host;
}

const member = (...clientUrls: readonly string[]): EtcdMember => ({
  ...{ id: ID, name: 'etcd09', peerUrls: ['https://198.18.0.19:2380'], isLearner: false },
  clientUrls,
});
const A = 'https://198.18.0.19:2379';
const B = 'https://127.0.0.1:2379';

for (const [what, answers, expected] of [
  ['says its id', { [A]: said(0, status(ID)) }, 'itself'],
  ['wants a user first', { [A]: said(1, '', 'Error: etcdserver: user name is empty') }, 'itself'],
  ['says another id', { [B]: said(0, status('0000000000000001')) }, 'another'],
  [
    'is itself at one URL of two',
    { [B]: said(0, status('0000000000000001')), [A]: said(0, status(ID)) },
    'itself',
  ],
  ['does not answer', {}, undefined],
] as const)
  test(`askFromOutside: a member that ${what}`, async (t) => {
    const told = await askFromOutside(host(answers), wanted(), [member(B, A)]);
    t.is(told.get(ID), expected);
  });

test('askFromOutside: asks each URL by its own protocol, and nobody without one', async (t) => {
  const asked: string[] = [];
  const told = await askFromOutside(host({}, asked), wanted(), [
    member('http://198.18.0.19:2379', A),
    member(),
  ]);
  t.is(told.size, 0);
  t.deepEqual(
    asked.map((text) => text.includes('--cacert')),
    [false, true],
  );
});
