import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { rememberHere } from '../../src/history/local.ts';
import { knownMachines } from '../../src/run/known-machines.ts';
import { fillStore, inventory } from '../pki/filled-store.ts';
import { scratch } from '../pki/workshop.ts';

const [first, second] = inventory.members;
const third = {
  ...first,
  name: 'etcd03',
  address: '198.18.0.3',
  addresses: [],
  settings: {},
  ssh: {},
};
const naming = (...members: readonly (typeof first)[]) => ({
  ...inventory,
  members: members.flatMap((one) => (one === undefined ? [] : [one])),
});

test('knownMachines: those that the store has certificates of and the inventory leaves out', async (t) => {
  const store = await fillStore(join(await scratch(t), 'lab.pki'));
  const known = (of: typeof inventory) => knownMachines({ inventory: of, file: 'lab.yaml', store });
  t.deepEqual(await known(inventory), []);
  t.deepEqual(await known(naming(first, third)), [{ name: 'etcd02', address: '198.18.0.2' }]);
  t.deepEqual(await known(naming(third)), [
    { name: 'etcd01', address: '198.18.0.1' },
    { name: 'etcd02', address: '198.18.0.2' },
  ]);
  // A new machine under the name of the former one.
  t.deepEqual(await known(naming(first, { ...third, name: 'etcd02' })), [
    { name: 'etcd02', address: '198.18.0.2' },
  ]);
  t.deepEqual(await knownMachines({ inventory, file: 'lab.yaml', store: '/nowhere' }), []);
  // What is wrong with the store is told by the look at it.
  await writeFile(join(store, 'etcd01', 'server.crt'), 'not a certificate\n');
  t.deepEqual(await known(naming(third)), [{ name: 'etcd02', address: '198.18.0.2' }]);
});

test.serial(
  'knownMachines: without certificates, those of the runs with the same inventory file',
  async (t) => {
    const state = await scratch(t);
    process.env.XDG_STATE_HOME = state;
    const file = '/home/me/lab.yaml';
    const run = {
      ...{ cluster: 'lab', who: 'me@here', command: 'up', result: 'done' as const },
      ...{ at: '2026-11-21T10:00:00.000Z', inventory: file },
    };
    await rememberHere({ ...run, id: '1', hosts: ['198.18.0.9'] });
    await rememberHere({ ...run, id: '2', hosts: ['198.18.0.1', '198.18.0.2'] });
    await rememberHere({ ...run, id: '3', hosts: ['198.18.0.3'], result: 'failed' });
    await rememberHere({
      ...run,
      id: '4',
      hosts: ['198.18.0.7'],
      inventory: '/home/me/other.yaml',
    });
    await rememberHere({ ...run, id: '5', hosts: ['198.18.0.8'], cluster: 'other' });
    const http = { ...naming(second, third), protocol: 'http' as const };
    t.deepEqual(await knownMachines({ inventory: http, file, store: '/nowhere' }), [
      { name: '198.18.0.1', address: '198.18.0.1' },
    ]);
    const purge = { ...run, command: 'down', option: '--purge', hosts: ['198.18.0.1'] };
    await rememberHere({ ...purge, id: '6' });
    t.deepEqual(await knownMachines({ inventory: http, file, store: '/nowhere' }), []);
  },
);
