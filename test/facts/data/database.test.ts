import test from 'ava';
import { membersIn } from '../../../src/facts/data/database.ts';
import { leaf } from '../../etcd/bolt-page.ts';

/** The bucket of members of a database of etcd 3.5.16, as it lies in the root page. */
function bucket(...pairs: readonly (readonly [string, string])[]): Buffer {
  return leaf(
    0,
    pairs.map(([key, value]) => [key, Buffer.from(value)]),
  );
}

test('membersIn() reads ids, names and addresses as etcd has them', (t) => {
  const real = bucket(
    [
      '61bd53127215abf9',
      '{"id":7042876730965863417,"peerURLs":["https://198.18.2.13:2380"],"name":"c3"}',
    ],
    [
      'a700cfca1d77e322',
      '{"id":12033846671318704930,"peerURLs":["https://198.18.2.11:2380"],"isLearner":true}',
    ],
  );
  t.deepEqual(membersIn(real), [
    {
      ...{ id: '61bd53127215abf9', name: 'c3', peerUrls: ['https://198.18.2.13:2380'] },
      ...{ clientUrls: [], isLearner: false },
    },
    {
      ...{ id: 'a700cfca1d77e322', name: '', peerUrls: ['https://198.18.2.11:2380'] },
      ...{ clientUrls: [], isLearner: true },
    },
  ]);
});

test('membersIn() says nothing where nobody is in it, or what is there is no list', (t) => {
  t.is(membersIn(bucket()), undefined);
  t.is(membersIn(Buffer.alloc(0)), undefined);
  t.is(membersIn(bucket(['61bd53127215abf9', '{"id":70428'])), undefined);
});
