import test from 'ava';
import type { DesiredCluster } from '../../../src/desired/cluster.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { describePlan } from '../../../src/plan/describe.ts';
import { hostsOf, stepsOf } from '../../../src/plan/lane.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { readdressedMembers } from '../../../src/plan/readdressing/readdressed.ts';
import { but, butAll, learning, type SeenFacts, settled, stopped, UP, wanted } from '../facts.ts';
import { outline } from '../outline.ts';

const three = wanted();
const running = settled(three);

const at = (...lasts: readonly number[]): DesiredCluster =>
  wanted(lasts.length, {
    members: lasts.map((last, index) => ({
      name: `etcd0${index + 1}`,
      address: `198.18.0.${last}`,
    })),
  });

const moved = at(11, 12, 99);

/** The facts once etcd lists these members where an inventory has them. */
const listing = (facts: SeenFacts, desired: DesiredCluster, ...names: readonly string[]) =>
  butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && {
        ...etcd.members,
        members: etcd.members.members.map((one) => ({
          ...one,
          peerUrls: names.includes(one.name)
            ? desired.members.filter(({ name }) => name === one.name).map(({ peerUrl }) => peerUrl)
            : one.peerUrls,
        })),
      },
    },
  }));

const titles = ({ waves }: Plan) => waves.map(({ title }) => title);

test('a member that answers: it yields, gets its certificate and files, the list changes, then it is restarted', (t) => {
  const plan = planCluster(moved, running, UP);
  t.deepEqual(outline(plan), [
    'make certificates',
    '  here:',
    '    issue-certificate etcd03/server (does not cover 198.18.0.99)',
    '    issue-certificate etcd03/peer (does not cover 198.18.0.99)',
    'move etcd03 to 198.18.0.99:2380',
    '  before etcd01 etcd02',
    '  etcd03:',
    '    dial-peers (a member that nobody reaches would only count as down)',
    '    yield-leadership (a leader that stops costs an election)',
    '    install-certificates (server is new, peer is new)',
    '    write-files /etc/etcd/etcd.conf (its content differs)',
    '    update-peer-urls (the others dial it at https://198.18.0.13:2380, and the inventory says https://198.18.0.99:2380)',
    '    restart-unit (it runs with another ETCD_LISTEN_PEER_URLS, ETCD_LISTEN_CLIENT_URLS, ETCD_INITIAL_ADVERTISE_PEER_URLS, ETCD_ADVERTISE_CLIENT_URLS)',
    '    await-ready (the next member may only stop when this one is back)',
    '  or back:',
    '  etcd03:',
    '    update-peer-urls (the change failed)',
    '    write-files /etc/etcd/etcd.conf (the change failed)',
    '    restore-certificates (the change failed)',
    '    enable-unit (its file is the former one again)',
    '    restart-unit (the change failed)',
    '    await-ready (it was ready before)',
    '  gate etcd01 etcd02 etcd03',
    ...['etcd02', 'etcd01'].flatMap((name) => [
      `change ${name}`,
      `  before ${['etcd01', 'etcd02', 'etcd03'].filter((one) => one !== name).join(' ')}`,
      `  ${name}:`,
      '    write-files /etc/etcd/etcd.conf (its content differs)',
      '  or back:',
      `  ${name}:`,
      '    write-files /etc/etcd/etcd.conf (the change failed)',
      '  gate etcd01 etcd02 etcd03',
    ]),
  ]);
  t.true(
    describePlan(plan).includes(
      'each of them lists etcd03 with a vote at https://198.18.0.99:2380',
    ),
  );
});

test('one whose former address is gone comes first: the list, then its files, then its start', (t) => {
  const plan = planCluster(moved, but(running, 'etcd03', stopped), UP);
  t.deepEqual(outline(plan).slice(4, 20), [
    'move etcd03 to 198.18.0.99:2380',
    '  before etcd01 etcd02',
    '  etcd03:',
    '    dial-peers (a member that nobody reaches would only count as down)',
    '    update-peer-urls (the others dial it at https://198.18.0.13:2380, and the inventory says https://198.18.0.99:2380)',
    '    write-files /etc/etcd/etcd.conf (its content differs)',
    '    install-certificates (server is new, peer is new)',
    '    start-unit (it does not run)',
    '    await-ready (ready means it had quorum once)',
    '  or back:',
    '  etcd03:',
    '    update-peer-urls (the change failed)',
    '    write-files /etc/etcd/etcd.conf (the change failed)',
    '    restore-certificates (the change failed)',
    '    stop-unit (it did not run before)',
    '  gate etcd01 etcd02 etcd03',
  ]);
  t.deepEqual(titles(plan).slice(2), ['change etcd02', 'change etcd01']);
});

test('another peer port of all: one after another, each dialled where the list has it then', (t) => {
  const desired = wanted(3, { etcd: { version: '3.5.30', ports: { peer: 12380 } } });
  const { waves, refusals } = planCluster(desired, running, UP);
  t.deepEqual(refusals, []);
  t.deepEqual(
    waves.map(({ title, lanes }) => [
      title,
      ...hostsOf(lanes),
      ...stepsOf(lanes).flatMap((step) =>
        step.kind === 'dial-peers' ? step.members.map(({ peerUrl }) => peerUrl) : [],
      ),
    ]),
    [
      [
        ...['move etcd02 to 198.18.0.12:12380', 'etcd02'],
        ...['https://198.18.0.11:2380', 'https://198.18.0.13:2380'],
      ],
      [
        ...['move etcd03 to 198.18.0.13:12380', 'etcd03'],
        ...['https://198.18.0.11:2380', 'https://198.18.0.12:12380'],
      ],
      [
        ...['move etcd01 to 198.18.0.11:12380', 'etcd01'],
        ...['https://198.18.0.12:12380', 'https://198.18.0.13:12380'],
      ],
    ],
  );
});

test('beside --limit, those that keep their turn for later are dialled where the list has them', (t) => {
  const desired = wanted(3, { etcd: { version: '3.5.30', ports: { peer: 12380 } } });
  const { waves } = planCluster(desired, running, { ...UP, limit: ['etcd03'] });
  const dialled = waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'dial-peers' && step.newcomer.name === 'etcd03' ? step.members : [],
      ),
    ),
  );
  t.deepEqual(
    dialled.map(({ peerUrl }) => peerUrl),
    ['https://198.18.0.11:2380', 'https://198.18.0.12:2380'],
  );
});

test('a run that was killed behind the change of the list only restarts', (t) => {
  const { waves, refusals } = planCluster(moved, listing(running, moved, 'etcd03'), UP);
  t.deepEqual(refusals, []);
  const kinds = waves.flatMap(({ lanes }) => stepsOf(lanes).map(({ kind }) => kind));
  t.false(kinds.includes('update-peer-urls'));
  t.is(kinds.filter((kind) => kind === 'restart-unit').length, 1);
});

test('one that runs at its new address already, by a hand or a killed way back, only changes in the list', (t) => {
  const facts = listing(settled(moved), three, 'etcd03');
  t.deepEqual(outline(planCluster(moved, facts, UP)), [
    'move etcd03 to 198.18.0.99:2380',
    '  before etcd01 etcd02',
    '  etcd03:',
    '    dial-peers (a member that nobody reaches would only count as down)',
    '    update-peer-urls (the others dial it at https://198.18.0.13:2380, and the inventory says https://198.18.0.99:2380)',
    '  or back:',
    '  etcd03:',
    '    update-peer-urls (the change failed)',
    '  gate etcd01 etcd02 etcd03',
  ]);
});

test('nothing is left to do where it has been done', (t) => {
  const there = settled(moved);
  const ids = running.members.get('etcd01')?.etcd.members?.members.map(({ id }) => id) ?? [];
  const done = butAll(listing(there, moved, 'etcd03'), (found, name) => ({
    data: running.members.get(name)?.data,
    incarnation: running.members.get(name)?.incarnation,
    tenants: running.members.get(name)?.tenants ?? found.tenants,
    etcd: {
      ...found.etcd,
      status: running.members.get(name)?.etcd.status,
      members: found.etcd.members && {
        clusterId: running.members.get(name)?.etcd.members?.clusterId ?? '',
        members: found.etcd.members.members.map((one, index) => ({ ...one, id: ids[index] ?? '' })),
      },
    },
  }));
  t.deepEqual(outline(planCluster(moved, done, UP)), []);
});

test('members that have exchanged their addresses need a third one in between', (t) => {
  const swapped = at(12, 11, 13);
  t.deepEqual(
    planCluster(swapped, running, UP).refusals.map(({ kind, about }) => [kind, ...about]),
    [
      ['peer-url-taken', 'etcd01'],
      ['peer-url-taken', 'etcd02'],
    ],
  );
});

test('nobody moves beside an upgrade', (t) => {
  const { waves, refusals } = planCluster(moved.withVersion('3.6.1'), running, UP);
  t.deepEqual(
    [waves, refusals.map(({ kind, about }) => [kind, ...about])],
    [[], [['one-change', 'etcd03']]],
  );
});

test('a copy of the data of a member that runs on is not started', (t) => {
  const id = running.members.get('etcd03')?.etcd.status?.memberId ?? '';
  const copied = but(running, 'etcd03', stopped);
  const facts = { ...copied, answeringElsewhere: new Set([id]) };
  t.deepEqual(outline(planCluster(moved, facts, UP)), [
    'refused: etcd03: still runs at 198.18.0.13, and what is at 198.18.0.99 is a copy of its data: a copy must never run, neither beside its original nor after it | next: put address 198.18.0.13 of etcd03 back into the inventory; or if etcd03 is to run at 198.18.0.99, with what it gets from the others: provision member replace INVENTORY etcd03',
  ]);
});

test('a learner does not move, nor does anybody beside one that joins', (t) => {
  const kinds = (desired: DesiredCluster, facts: SeenFacts) =>
    planCluster(desired, facts, UP).refusals.map(({ kind }) => kind);
  t.true(kinds(moved, learning(running, 'etcd03')).includes('learner'));
  const four = at(11, 12, 99, 14);
  t.deepEqual(kinds(four, running), ['one-change']);
});

test('a copy of the disk of a member that is where it should be is no move', (t) => {
  const first = running.members.get('etcd01');
  const copied = but(running, 'etcd03', (found) => ({
    data: found.data && { ...found.data, ...(first?.data?.wal && { wal: first.data.wal }) },
  }));
  t.deepEqual(readdressedMembers(three, copied), []);
  t.deepEqual(
    readdressedMembers(moved, running).map(({ name }) => name),
    ['etcd03'],
  );
});
