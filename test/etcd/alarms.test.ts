import test from 'ava';
import { readAlarms } from '../../src/etcd/alarms.ts';

test('readAlarms() gives ids as everything else does, each alarm once', (t) => {
  const said = `memberID:1515690389 alarm:NOSPACE
memberID:13803658152347727308 alarm:CORRUPT
memberID:1515690389 alarm:NOSPACE
`;
  t.deepEqual(readAlarms(said), [
    { memberId: '000000005a579995', kind: 'NOSPACE' },
    { memberId: 'bf9071f4639c75cc', kind: 'CORRUPT' },
  ]);
});

test('readAlarms() finds none where none is', (t) => {
  t.deepEqual(readAlarms(''), []);
  t.deepEqual(readAlarms('etcdserver: no leader'), []);
});
