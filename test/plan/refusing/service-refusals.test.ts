import test from 'ava';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, settled, UP, wanted } from '../facts.ts';
import { outline } from '../outline.ts';

type Service = Readonly<Record<string, string | number>>;

const choosing = (service: Service) => wanted(3, { etcd: { version: '3.5.30', service } });

/** What `plan` does to members of that systemd which run with the first, where the inventory says the second. */
function changed(systemd: number, was: Service, is: Service): readonly string[] {
  const facts = butAll(settled(choosing(was)), ({ machine }) => ({
    machine: { ...machine, systemd },
  }));
  return outline(planCluster(choosing(is), facts, UP)).filter((line) => !line.startsWith(' '));
}

test('planCluster() restarts nobody for limits of a group that systemd changes below it', (t) => {
  const titles = changed(252, { Nice: -5 }, { Nice: -5, MemoryMax: '8G' });
  t.deepEqual(titles, ['change etcd02', 'change etcd03', 'change etcd01']);
});

test('planCluster() restarts members one by one where systemd changes nothing below them', (t) => {
  const titles = changed(257, {}, { MemoryMax: '8G' });
  t.deepEqual(titles, ['restart etcd02', 'restart etcd03', 'restart etcd01']);
});

test('planCluster() restarts members for what a process has from its start on', (t) => {
  const titles = changed(252, { Nice: -5, CPUWeight: 5 }, { CPUWeight: 7 });
  t.deepEqual(titles, ['restart etcd02', 'restart etcd03', 'restart etcd01']);
});

test('planCluster() leaves members alone that run with what the inventory says', (t) => {
  t.deepEqual(changed(257, { MemoryMax: '8G', Nice: 3 }, { Nice: 3, MemoryMax: '8G' }), []);
});

function refused(
  service: Service,
  facts: (found: MemberFacts) => Partial<MemberFacts>,
): readonly (readonly [string, string, string])[] {
  const found = but(settled(wanted()), 'etcd02', facts);
  return planCluster(choosing(service), found, UP).refusals.map(
    ({ kind, sentence, next }) => [kind, sentence, nextText(next)] as const,
  );
}

test('serviceRefusals() name a limit that the kernel would end the member by', (t) => {
  const process = ({ unit }: MemberFacts) => ({
    unit: { ...unit, process: unit.process && { ...unit.process, memory: 3 * 1024 ** 3 } },
  });
  t.deepEqual(refused({ MemoryMax: '2G' }, process), [
    [
      'memory-limit',
      'etcd02: etcd has 3072 MiB of memory now, and with etcd.service.MemoryMax 2G the kernel would end it',
      'set etcd.service.MemoryMax well above 3072M',
    ],
  ]);
  t.deepEqual(refused({ MemoryMax: '4G' }, process), []);
});

test('serviceRefusals() name CPUs that the host has not', (t) => {
  const cpus = ({ machine }: MemberFacts) => ({ machine: { ...machine, cpus: '0-3' } });
  t.deepEqual(refused({ CPUAffinity: '4-7' }, cpus), [
    [
      'cpus-not-here',
      'etcd02: has none of the CPUs 4-7 (etcd.service.CPUAffinity), only 0-3, so etcd would not start',
      "name CPUs in etcd.service.CPUAffinity that every member's host has",
    ],
  ]);
  t.deepEqual(refused({ CPUAffinity: '3-7' }, cpus), []);
});

test('serviceRefusals() name a setting that the systemd there would ignore', (t) => {
  const old = ({ machine }: MemberFacts) => ({ machine: { ...machine, systemd: 239 } });
  t.deepEqual(refused({ MemoryMin: '1G' }, old), [
    [
      'service-setting-unknown',
      'etcd02: systemd 239 does not know MemoryMin (etcd.service), which came with 240',
      'take MemoryMin out of etcd.service',
    ],
  ]);
  t.deepEqual(refused({ MemoryMax: '1G' }, old), []);
});

test('planCluster() refuses a drop-in that wins over what the inventory chooses', (t) => {
  const content = '[Service]\nMemoryMax=4G\n';
  const path = '/etc/systemd/system/etcd.service.d/local.conf';
  const dropIn = ({ launch }: MemberFacts) => ({
    launch: { ...launch, dropIns: [{ path, content, environmentFiles: [] }] },
  });
  t.deepEqual(
    refused({ MemoryMax: '8G' }, dropIn).map(([kind, sentence]) => [kind, sentence]),
    [
      [
        'drop-in',
        `etcd02: ${path} changes its resources (MemoryMax), which etcd.service of the inventory says otherwise`,
      ],
    ],
  );
  t.deepEqual(refused({ MemoryMax: '4G' }, dropIn), []);
  t.deepEqual(refused({}, dropIn), []);
});
