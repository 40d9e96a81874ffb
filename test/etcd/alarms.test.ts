import test from 'ava';
import { alarmsTold, namelessAlarms, OF_NOBODY, readAlarms } from '../../src/etcd/alarms.ts';

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

test('readAlarms() reads an alarm that names nobody: etcd leaves out an id that is zero', (t) => {
  t.deepEqual(readAlarms('alarm:CORRUPT '), [{ memberId: OF_NOBODY, kind: 'CORRUPT' }]);
});

test('readAlarms() finds none where none is', (t) => {
  t.deepEqual(readAlarms(''), []);
  t.deepEqual(readAlarms('etcdserver: no leader'), []);
});

test('alarmsTold() takes the status, and what /health says where that is withheld', (t) => {
  t.deepEqual(
    alarmsTold({ status: { errors: ['memberID:1 alarm:NOSPACE'] }, alarmKinds: ['CORRUPT'] }),
    ['memberID:1 alarm:NOSPACE'],
  );
  t.deepEqual(alarmsTold({ status: undefined, alarmKinds: ['CORRUPT'] }), [
    'alarm:CORRUPT (of which member, users only are told)',
  ]);
  t.deepEqual(alarmsTold({ status: undefined }), []);
});

test('namelessAlarms() gives each kind once', (t) => {
  const members = [
    { etcd: { alarmKinds: ['NOSPACE', 'CORRUPT'] } },
    { etcd: { alarmKinds: ['CORRUPT'] } },
    { etcd: {} },
  ];
  t.deepEqual(namelessAlarms(members), ['NOSPACE', 'CORRUPT']);
});
