import test from 'ava';
import { parseInventory } from '../../src/inventory/parse.ts';
import { type NamesGiven, refuseUnknownNames } from '../../src/run/known-names.ts';
import { spoken } from '../spoken.ts';

const { inventory } = parseInventory(
  `cluster: prod
etcd: {version: 3.5.33}
members:
  - { name: etcd01, address: 198.18.0.1 }
  - { name: etcd02, address: 198.18.0.2 }
consumers:
  - { name: api, directory: /etc/api/pki, hosts: [{ address: 198.18.0.9 }] }
`,
  'prod.yaml',
);

const said = (given: NamesGiven) =>
  spoken(
    (() => {
      try {
        return refuseUnknownNames(inventory, 'prod.yaml', given);
      } catch (error) {
        return error;
      }
    })(),
  );

test('refuseUnknownNames() passes what the inventory has', (t) => {
  t.is(said({}), undefined);
  t.is(said({ limit: ['etcd02', 'etcd01'], member: 'api@198.18.0.9', on: 'etcd01' }), undefined);
  t.is(said({ yesWipe: 'prod', yesPurge: 'prod', yesRestore: 'prod' }), undefined);
});

for (const [given, message, next] of [
  [
    { limit: ['etcd01', 'etcd03'] },
    'prod has no member etcd03',
    'did you mean etcd01? There are etcd01, etcd02',
  ],
  [{ member: 'nosuch' }, 'prod has no member nosuch', 'name one of etcd01, etcd02, api@198.18.0.9'],
  [
    { fromMember: 'ETCD-01' },
    'prod has no member ETCD-01',
    'did you mean etcd01? There are etcd01, etcd02',
  ],
  [{ on: 'api@198.18.0.9' }, 'prod has no member api@198.18.0.9', 'name one of etcd01, etcd02'],
  ...(['wipe', 'purge', 'restore'] as const).map(
    (what) =>
      [
        { [`yes${what[0]?.toUpperCase()}${what.slice(1)}`]: 'test' },
        `--yes-${what} test: the cluster of prod.yaml is called prod`,
        `name the inventory of test; or write --yes-${what} prod, if prod.yaml is really the one`,
      ] as const,
  ),
] as const)
  test(`refuseUnknownNames() refuses ${JSON.stringify(given)} as a mistake of usage`, (t) => {
    t.like(said(given) as object, { reason: 'usage', message, next });
  });
