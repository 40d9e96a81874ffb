import test from 'ava';
import { readClusterLook } from '../../../src/adopt/look/cluster-look.ts';

const b = (text: string) => Buffer.from(text).toString('base64');

// As etcdctl 3.6.14 prints it where it is told ETCDCTL_API=3.
const WARNING =
  '{"level":"warn","ts":"2026-11-28T18:43:58.420314Z","caller":"flags/flag.go:94","msg":"unrecognized environment variable","environment-variable":"ETCDCTL_API=3"}';
const LIST =
  '{"header":{"cluster_id":14820273841770051475,"member_id":11755195970095555040,"raft_term":2},"members":[{"ID":1995989168366399800,"name":"etcd-service3","peerURLs":["http://198.18.3.13:2380"],"clientURLs":["http://198.18.3.13:2379"]}]}';

test('readClusterLook() reads the list of members behind what etcdctl warns of', (t) => {
  const look = (text: string) => readClusterLook(`members|0|${b(text)}\nway|0|\n`).members;
  t.is(look(LIST)?.members[0]?.name, 'etcd-service3');
  t.deepEqual(look(`${WARNING}\n${LIST}\n`), look(LIST));
  t.is(look(`${WARNING}\n`), undefined);
});
