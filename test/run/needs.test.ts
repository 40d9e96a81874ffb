import test from 'ava';
import type { MemberFacts } from '../../src/facts/member.ts';
import type { Look } from '../../src/facts/unreachable.ts';
import { Failure } from '../../src/failure/failure.ts';
import { missingHosts, type Needs, requireSeen } from '../../src/run/needs.ts';
import { settled, wanted } from '../plan/facts.ts';

const gone = new Failure('unreachable', 'etcd02: no route to host', { next: [] });
const REACHED = {
  hosts: new Map([
    ['etcd01', {}],
    ['etcd03', {}],
  ]),
  consumers: new Map([['apiserver', {}]]),
  unreachable: new Map([['etcd02', gone]]),
};

const missing = test.macro((t, needs: Needs, isMissing: boolean) => {
  t.deepEqual(missingHosts(needs, REACHED), isMissing ? [gone] : []);
});

test('missingHosts() wants every host unless told', missing, 'every-host', true);
test('missingHosts() lets those that answer be enough', missing, 'any-host', false);
test('missingHosts() wants the member that is meant', missing, { host: 'etcd02' }, true);
test('missingHosts() does not want another member', missing, { host: 'etcd01' }, false);
test('missingHosts() takes a consumer that was reached', missing, { host: 'apiserver' }, false);
test('missingHosts() cannot tell an unknown name from a missing one', missing, { host: 'x' }, true);

test('missingHosts() wants at least one host', (t) => {
  t.deepEqual(missingHosts('any-host', { ...REACHED, hosts: new Map() }), [gone]);
});

test('requireSeen() throws for the hosts that are needed alone', async (t) => {
  const facts = settled(await wanted());
  const members = new Map<string, Look<MemberFacts>>(facts.members);
  members.set('etcd02', { unreachable: gone });
  const seen = { members, consumers: new Map() };
  t.is(
    t.throws(() => requireSeen(seen, 'every-host')),
    gone,
  );
  t.is(
    t.throws(() => requireSeen(seen, { host: 'etcd02' })),
    gone,
  );
  t.notThrows(() => requireSeen(seen, { host: 'etcd01' }));
  t.notThrows(() => requireSeen(seen, 'any-host'));
});
