import test from 'ava';
import { bootFact } from '../../../src/facts/host/boot.ts';

const { read } = bootFact(['/var/lib/etcd']);
const answer = (...lines: readonly string[]) => ({ exitCode: 0, stdout: `${lines.join('\n')}\n` });

test('bootFact() reads which boot it is, for how long, and that nothing is in its way', (t) => {
  const id = '5219598b-108d-4503-ac22-44ad1ba00e03';
  t.deepEqual(read(answer(`id=${id}`, 'now=55961.52', 'began=55947520000')), {
    ...{ bootId: id, age: 55961.52 - 55947.52, isRequired: false, fleeting: [] },
  });
});

test('bootFact() reads that a reboot is asked for, and mounts that would not come back', (t) => {
  const told = answer(
    ...['id=a', 'now=20.00', 'began=10000000', 'required=yes'],
    ...['by-hand /mnt/a=b', 'tmpfs /var/lib/etcd', 'tmpfs /var/lib/etcd'],
  );
  t.deepEqual(read(told), {
    ...{ bootId: 'a', age: 10, isRequired: true },
    fleeting: [
      { target: '/mnt/a=b', why: 'by-hand' },
      { target: '/var/lib/etcd', why: 'tmpfs' },
    ],
  });
});
