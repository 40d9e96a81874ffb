import test from 'ava';
import { PROCESS_ENDED } from '../../src/etcd/own-endpoint.ts';
import { EndedWhenRead } from '../../src/facts/etcd/hashes.ts';
import type { Host } from '../../src/host/host.ts';
import { oddOneOf, refuseUnequalHashes } from '../../src/verify/hashes.ts';
import { settled, wanted } from '../plan/facts.ts';

const hashes = (...of: readonly number[]) => new Map(of.map((hash, at) => [`r${at + 1}`, hash]));

test('oddOneOf() names the one that differs from all others, where those hold the same', (t) => {
  t.is(oddOneOf(hashes(7, 7, 8)), 'r3');
  t.is(oddOneOf(hashes(7, 8, 8, 8, 8)), 'r1');
});

test('oddOneOf() names nobody where nobody differs, several do, or one other alone is there', (t) => {
  t.is(oddOneOf(hashes(7, 7, 7)), undefined);
  t.is(oddOneOf(hashes(7, 8, 9)), undefined);
  t.is(oddOneOf(hashes(7, 7, 8, 8)), undefined);
  t.is(oddOneOf(hashes(7, 7, 7, 8, 9)), undefined);
  t.is(oddOneOf(hashes(7, 8)), undefined);
  t.is(oddOneOf(new Map()), undefined);
});

/** Hosts whose etcdctl ends with these codes; notes who was asked. */
function hostsEnding(codes: Readonly<Record<string, number>>, asked: string[]) {
  const stdout = JSON.stringify([{ HashKV: { hash: 7, compact_revision: 0 } }]);
  return new Map(
    Object.entries(codes).map(([name, exitCode]) => {
      const run = async () => {
        asked.push(name);
        return { exitCode, stdout: exitCode === 0 ? stdout : '', stderr: '' };
      };
      return [name, { name, run } as unknown as Host];
    }),
  );
}

test('refuseUnequalHashes() refuses where a member ends when it is read, and asks no further one', async (t) => {
  const asked: string[] = [];
  const hosts = hostsEnding({ etcd01: 0, etcd02: PROCESS_ENDED, etcd03: 0 }, asked);
  const error = await t.throwsAsync(refuseUnequalHashes(wanted(3), hosts, settled(wanted(3))), {
    instanceOf: EndedWhenRead,
  });
  t.like(error, { reason: 'refused', member: 'etcd02' });
  t.deepEqual(asked, ['etcd01', 'etcd02']);
});
