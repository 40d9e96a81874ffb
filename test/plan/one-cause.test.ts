import test from 'ava';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import { conclude } from '../../src/diagnosis/conclude.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { nextText } from '../../src/problem/render.ts';
import { doctorInput } from '../diagnosis/examined-cluster.ts';
import {
  bare,
  butAll,
  notAnswering,
  type SeenFacts,
  settled,
  stopped,
  UP,
  wanted,
} from './facts.ts';

const three = wanted();
const off = butAll(settled(three), stopped);

/** What a look shows that goes by the paths and the unit of this inventory, at hosts that have those of another. */
function lookedAt(desired: DesiredCluster, facts: SeenFacts): SeenFacts {
  const { unit: noUnit } = [...bare(three).members.values()][0] ?? {};
  const isOther = (place: 'conf' | 'unitFile' | 'incarnation') =>
    desired.paths[place] !== three.paths[place];
  return butAll(facts, (found) => ({
    ...(isOther('incarnation') && { incarnation: undefined }),
    ...(isOther('conf') && {
      ...{ conf: undefined, pki: { target: undefined, files: new Map() } },
      ...(found.unit.pid > 0 && { etcd: notAnswering('open /etc/other/pki/ca.crt: no such file') }),
    }),
    ...(isOther('unitFile') && {
      ...{ unitFile: undefined, etcd: notAnswering('no etcd process') },
      ...(noUnit !== undefined && { unit: noUnit }),
    }),
  }));
}

const etcd = (changes: object): Readonly<Record<string, unknown>> => ({
  etcd: { version: '3.5.30', ...changes },
});
const ALL = 'etcd01, etcd02, etcd03';
const back = (line: string) =>
  `put ${line} back into the inventory; up does not change it for a member that exists`;

/** Each change of one setting: what is said of it by a cluster that runs, and the line to put back. */
const CHANGES: Readonly<
  Record<string, readonly [changes: Readonly<Record<string, unknown>>, said: string, next: string]>
> = {
  'the name of the cluster': [
    { cluster: 'other' },
    `${ALL}: /var/lib/etcd holds data of cluster prod (cluster id e408d778c4a7c321), with the address and files that the inventory gives to cluster other`,
    'to go on with prod, put cluster: prod back into INVENTORY; then: provision up INVENTORY',
  ],
  'etcd.unit': [
    etcd({ unit: 'etcd-b' }),
    `${ALL}: run in etcd.service; the inventory says etcd.unit: etcd-b`,
    'put etcd.unit: etcd back into INVENTORY',
  ],
  'etcd.paths.conf': [
    etcd({ paths: { conf: '/etc/etcd-b' } }),
    `${ALL}: run with etcd.paths.conf /etc/etcd; the inventory says /etc/etcd-b`,
    back('etcd.paths.conf: /etc/etcd'),
  ],
  'etcd.user': [
    etcd({ user: 'etcd2' }),
    `${ALL}: run with etcd.user etcd; the inventory says etcd2`,
    back('etcd.user: etcd'),
  ],
};

for (const [what, [changes, said, next]] of Object.entries(CHANGES)) {
  const desired = wanted(3, changes);
  const facts = lookedAt(desired, settled(three));

  test(`up says of another ${what} one thing, with both values and one way back`, (t) => {
    const { waves, refusals } = planCluster(desired, facts, UP);
    t.deepEqual(
      refusals.map((one) => [one.sentence, nextText(one.next)]),
      [[said, next]],
    );
    t.deepEqual(waves, []);
  });

  test(`doctor says of another ${what} the same, and nothing beside it`, (t) => {
    const { findings, remarks } = conclude(doctorInput(desired, facts));
    t.deepEqual(
      findings.map((one) => [one.sentence, nextText(one.next)]),
      [[said, next]],
    );
    t.deepEqual(remarks, []);
  });
}

for (const [what, changes, said] of [
  ['etcd.unit', etcd({ unit: 'etcd-b' }), `${ALL}: are set up in etcd.service`],
  ['the name of the cluster', { cluster: 'other' }, `${ALL}: /var/lib/etcd holds data`],
  ['etcd.ports.peer', etcd({ ports: { peer: 12380 } }), `${ALL}: were made with etcd.ports.peer`],
] as const)
  test(`of a stopped cluster, too, up and doctor say one thing of another ${what}`, (t) => {
    const desired = wanted(3, changes);
    const facts = lookedAt(
      desired,
      butAll(off, (found) => ({
        tenants: { ...found.tenants, processes: [] },
      })),
    );
    const { refusals } = planCluster(desired, facts, UP);
    const { findings } = conclude(doctorInput(desired, facts));
    t.is(refusals.length, 1);
    t.true(refusals[0]?.sentence.startsWith(said));
    t.deepEqual(
      findings.map(({ sentence }) => sentence),
      refusals.map(({ sentence }) => sentence),
    );
  });
