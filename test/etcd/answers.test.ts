import test from 'ava';
import {
  readEndpointStatus,
  readGatewayHash,
  readGatewayValue,
  readMemberList,
  readMemberStatus,
} from '../../src/etcd/answers.ts';

test('readMemberList() keeps 64-bit ids that JavaScript numbers would round', (t) => {
  const json =
    '{"header":{"cluster_id":14134596526373834367,"member_id":16086437230762663690,"raft_term":2},"members":[{"ID":10427292420047822593,"name":"b","peerURLs":["http://127.0.0.1:32381"],"clientURLs":["http://127.0.0.1:32389"]},{"ID":16086437230762663690,"peerURLs":["http://127.0.0.1:32380"],"isLearner":true}]}';
  t.deepEqual(readMemberList(json), {
    clusterId: 'c4282ca705fb8e7f',
    members: [
      {
        id: '90b52f35ba12df01',
        name: 'b',
        peerUrls: ['http://127.0.0.1:32381'],
        clientUrls: ['http://127.0.0.1:32389'],
        isLearner: false,
      },
      {
        id: 'df3e816e893a1f0a',
        name: '',
        peerUrls: ['http://127.0.0.1:32380'],
        clientUrls: [],
        isLearner: true,
      },
    ],
  });
});

test('readEndpointStatus() reads what 3.4 prints, and leaves out what 3.3 does not know', (t) => {
  const json =
    '[{"Endpoint":"http://127.0.0.1:32379","Status":{"header":{"cluster_id":14134596526373834367,"member_id":16086437230762663690,"revision":1,"raft_term":2},"version":"3.4.23","dbSize":20480,"leader":16086437230762663690,"raftIndex":6,"raftTerm":2}}]';
  t.deepEqual(readEndpointStatus(json), [
    {
      endpoint: 'http://127.0.0.1:32379',
      clusterId: 'c4282ca705fb8e7f',
      memberId: 'df3e816e893a1f0a',
      version: '3.4.23',
      dbSize: 20480,
      leader: 'df3e816e893a1f0a',
      isLearner: false,
      raftTerm: 2,
      raftIndex: 6,
      raftAppliedIndex: undefined,
      revision: 1,
      errors: [],
    },
  ]);
});

test('readMemberStatus() reads what the gateway says: 64-bit numbers as strings, and nothing for what is zero', (t) => {
  const json =
    '{"header":{"cluster_id":"14134596526373834367","member_id":"16086437230762663690","revision":"9007199254740991","raft_term":"2"},"version":"3.5.30","dbSize":"20480","leader":"16086437230762663690","raftIndex":"6","raftTerm":"2","raftAppliedIndex":"5","errors":["memberID:16086437230762663690 alarm:NOSPACE "],"dbSizeInUse":"16384"}';
  t.deepEqual(readMemberStatus('http://127.0.0.1:32379', json), {
    endpoint: 'http://127.0.0.1:32379',
    clusterId: 'c4282ca705fb8e7f',
    memberId: 'df3e816e893a1f0a',
    version: '3.5.30',
    dbSize: 20480,
    dbSizeInUse: 16384,
    leader: 'df3e816e893a1f0a',
    isLearner: false,
    raftTerm: 2,
    raftIndex: 6,
    raftAppliedIndex: 5,
    revision: 9007199254740991,
    errors: ['memberID:16086437230762663690 alarm:NOSPACE '],
  });
  t.throws(() => readMemberStatus('http://127.0.0.1:32379', '{"error":"Not Found","code":5}'));
});

test('readGatewayValue() gives the value of a key, and nothing where there is none', (t) => {
  const header = { cluster_id: '1', member_id: '2', revision: '3', raft_term: '2' };
  const value = Buffer.from('yes').toString('base64');
  t.is(
    readGatewayValue(JSON.stringify({ header, kvs: [{ key: 'aw==', value }], count: '1' })),
    'yes',
  );
  t.is(readGatewayValue(JSON.stringify({ header, kvs: [{ key: 'aw==' }], count: '1' })), '');
  t.is(readGatewayValue(JSON.stringify({ header })), undefined);
  t.throws(() => readGatewayValue('<html>'));
});

test('readGatewayHash() reads the hash of a store that was never compacted', (t) => {
  const json =
    '{"header":{"cluster_id":"3074827950698276331", "member_id":"7274688082666228469", "revision":"12", "raft_term":"37"}, "hash":1084519789, "compact_revision":"-1"}';
  t.deepEqual(readGatewayHash(json), { hash: 1_084_519_789, compactRevision: -1 });
  const compacted = json.replace('"-1"', '"7"');
  t.deepEqual(readGatewayHash(compacted), { hash: 1_084_519_789, compactRevision: 7 });
});
