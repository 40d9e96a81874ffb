import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseInventory } from '../../src/inventory/parse.ts';
import { hostAddresses, hostNames } from '../../src/lab/address.ts';
import { inventoryText } from '../../src/lab/inventory-text.ts';
import type { LabRecord } from '../../src/lab/record.ts';

const lab: LabRecord = {
  name: 'lab',
  subnet: 0,
  debian: 'bookworm',
  base: '/base',
  etcd: '3.5.30',
  hosts: hostNames('lab', 3).map((name, at) => {
    const { address, address6 } = hostAddresses(0, at + 1);
    return { name, index: at + 1, address, address6, netns: '' };
  }),
};

test('inventoryText() is an inventory that finds the keys and programs of the lab', (t) => {
  const { inventory } = parseInventory(inventoryText(lab), 'inventory.yaml');
  const home = `${homedir()}/.cache/provision`;
  t.is(inventory.cluster, 'lab');
  t.is(inventory.etcd.version, '3.5.30');
  t.deepEqual(inventory.etcd.source, { directory: `${home}/etcd/v3.5.30/programs` });
  t.deepEqual(inventory.ssh, {
    user: 'root',
    identityFile: `${home}/lab/lab/id_ed25519`,
    knownHosts: `${home}/lab/lab/known_hosts`,
  });
  t.deepEqual(
    inventory.members.map(({ name, address }) => [name, address]),
    [
      ['lab1', '198.18.0.11'],
      ['lab2', '198.18.0.12'],
      ['lab3', '198.18.0.13'],
    ],
  );
});

test('inventories/lab.yaml says the same as what the lab called lab writes for itself', async (t) => {
  const path = fileURLToPath(new URL('../../inventories/lab.yaml', import.meta.url));
  const committed = parseInventory(await readFile(path, 'utf8'), path);
  const atHome = JSON.stringify(committed.inventory).replaceAll('"~/', `"${homedir()}/`);
  const { inventory } = parseInventory(inventoryText(lab), 'inventory.yaml');
  t.deepEqual(JSON.parse(atHome), JSON.parse(JSON.stringify(inventory)));
});
