import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { refuseUncoveredSource } from '../../src/run/refuse-uncovered-source.ts';
import { localHost } from '../host/local-host.ts';
import { settled, UP, wanted } from '../plan/facts.ts';

const at = (last: number, more: object = {}, change: object = {}) =>
  wanted(3, {
    members: [11, 12, last].map((one, index) => ({
      ...{ name: `etcd0${index + 1}`, address: `198.18.0.${one}` },
      ...(index === 2 && more),
    })),
    ...change,
  });

/** What is said of a move of etcd03 where its host dials from an address, and others know its name as another. */
async function said(
  desired: ReturnType<typeof at>,
  source: string,
  knownAs = '',
): Promise<readonly string[]> {
  const hosts = new Map(
    desired.members.map(({ name }) => [
      name,
      {
        ...localHost(name),
        run: async ({ text }: { readonly text: string }) => ({
          ...{ exitCode: 0, stderr: '' },
          stdout: text.includes('route get')
            ? `198.18.0.11 dev eth0 src ${source} uid 0 \\    cache\n`
            : `${knownAs} STREAM etcd03\n`,
        }),
      },
    ]),
  );
  const plan = planCluster(desired, settled(wanted()), UP);
  try {
    await refuseUncoveredSource(desired, plan, hosts);
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [error.reason, error.message];
  }
}

test('refuseUncoveredSource() names an address from which a moved member would be rejected', async (t) => {
  t.deepEqual(await said(at(99), '198.18.0.13'), [
    'refused',
    'prod: would be rejected by the others at another address, nothing was touched:\n  etcd03 dials etcd01, etcd02 from 198.18.0.13, which a certificate for the addresses of the inventory does not cover',
  ]);
});

test('refuseUncoveredSource() lets be what the certificate covers, by address or by a name that others resolve', async (t) => {
  t.deepEqual(await said(at(99), '198.18.0.99'), []);
  t.deepEqual(await said(at(99, { addresses: ['198.18.0.13'] }), '198.18.0.13'), []);
  t.deepEqual(await said(at(99), '198.18.0.13', '198.18.0.13'), []);
  t.deepEqual(await said(at(13), '198.18.0.44'), []);
});
