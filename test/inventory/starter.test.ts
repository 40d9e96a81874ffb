import test from 'ava';
import fc from 'fast-check';
import { parseInventory } from '../../src/inventory/parse.ts';
import { type Start, starterInventory } from '../../src/inventory/starter.ts';
import { readDocument } from '../../src/inventory/yaml/document.ts';

const START: Start = {
  cluster: 'prod',
  protocol: 'https',
  version: '3.5.33',
  user: 'ops',
  members: [
    { name: 'etcd01', address: '10.0.0.1' },
    { name: 'etcd02', address: 'fd00::2' },
    { name: 'etcd03', address: 'c.example' },
  ],
};

test('starterInventory: writes an inventory that parses to what was asked for', (t) => {
  const { inventory, warnings } = parseInventory(starterInventory(START), 'i');
  t.deepEqual(warnings, []);
  t.is(inventory.cluster, 'prod');
  t.deepEqual(inventory.ssh, { user: 'ops' });
  t.deepEqual(inventory.members, [
    { name: 'etcd01', address: '10.0.0.1', addresses: [], settings: {}, ssh: {} },
    { name: 'etcd02', address: 'fd00::2', addresses: [], settings: {}, ssh: {} },
    {
      name: 'etcd03',
      address: 'c.example',
      listen: '0.0.0.0',
      addresses: [],
      settings: {},
      ssh: {},
    },
  ]);
});

test('starterInventory: leaves the login name out where none was given', (t) => {
  const { inventory } = parseInventory(starterInventory({ ...START, user: undefined }), 'i');
  t.deepEqual(inventory.ssh, {});
});

test('starterInventory: writes any text as that text, so that a mistake is found and nothing else', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (cluster) => {
      const { value, mistakes } = readDocument(starterInventory({ ...START, cluster }));
      t.deepEqual(mistakes, []);
      t.like(value, { cluster, protocol: 'https' });
    }),
  );
});

test('starterInventory: keeps the comments that explain it', (t) => {
  const comments = starterInventory(START)
    .split('\n')
    .filter((line) => line.startsWith('#'));
  t.is(
    comments[0],
    '# What the cluster should be. `provision plan` shows what would be done about it, `provision up` does it.',
  );
});
