import test from 'ava';
import { lookAtMembers } from '../../src/facts/gather.ts';
import { Failure } from '../../src/failure/failure.ts';
import type { Host } from '../../src/host/host.ts';
import { wanted } from '../plan/facts.ts';

const three = await wanted();

function broken(name: string, error: Error): Host {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return { name, run: fail, dial: fail, close: async () => undefined };
}

test('lookAtMembers() says of each host why it could not be asked', async (t) => {
  const lost = new Failure('unreachable', 'etcd01: connection lost', { next: [] });
  const refused = new Failure('unreachable', 'etcd02: connection refused', { next: [] });
  const looks = await lookAtMembers(
    {
      hosts: new Map([['etcd01', broken('etcd01', lost)]]),
      store: '/nowhere',
      unreachable: new Map([['etcd02', refused]]),
    },
    three,
  );
  t.deepEqual(
    [...looks].map(([name, look]) => [
      name,
      'unreachable' in look ? look.unreachable.message : 'was asked',
    ]),
    [
      ['etcd01', 'etcd01: connection lost'],
      ['etcd02', 'etcd02: connection refused'],
      ['etcd03', 'etcd03: not connected'],
    ],
  );
});

test('lookAtMembers() takes no bug for a host that cannot be asked', async (t) => {
  const bug = new TypeError('a bug');
  const reach = { hosts: new Map([['etcd01', broken('etcd01', bug)]]), store: '/nowhere' };
  t.is(await t.throwsAsync(lookAtMembers(reach, three)), bug);
});
