import test from 'ava';
import { chosenCluster } from '../../../src/adopt/decide/choose.ts';
import { Failure } from '../../../src/failure/failure.ts';
import { nextText } from '../../../src/problem/render.ts';
import { CLUSTER, found, listed } from './found.ts';

const LIST = [listed(1)];
const EVENTS = { clusterId: '00000000000000e1', beside: 2 };
const unit = {
  ...{ name: 'etcd-events.service', properties: new Map(), files: [], unread: [] },
  environmentFiles: [],
};

function refusal(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new TypeError('refused');
}

test('chosenCluster() names each of two clusters on a host, with the command that chooses it', (t) => {
  const all = [found(1, LIST, [], { beside: 2 }), found(1, LIST, [], { ...EVENTS, unit })];
  const choice = { found: all, others: new Map(), unit: undefined, again: ['10.0.0.1'] };
  const { message, parts } = refusal(() => chosenCluster(choice));
  t.regex(message, /the hosts belong to 2 clusters/);
  t.deepEqual(
    parts.map(({ next }) => nextText(next)),
    ['provision adopt 10.0.0.1 --unit etcd', 'provision adopt 10.0.0.1 --unit etcd-events'],
  );
  t.is(chosenCluster({ ...choice, unit: 'etcd-events' }).clusterId, EVENTS.clusterId);
  t.is(chosenCluster({ ...choice, unit: 'etcd' }).clusterId, CLUSTER);
});

test('chosenCluster() says what a unit starts that is called after etcd', (t) => {
  const others = new Map([['10.0.0.1', [{ unit: 'etcd.service', program: '/usr/bin/sleep' }]]]);
  const choice = { found: [], others, unit: 'etcd', again: [] };
  t.deepEqual(
    refusal(() => chosenCluster(choice)).parts.map(({ sentence }) => sentence),
    [
      '10.0.0.1: no etcd runs as etcd, and no unit of that name would start one; etcd.service starts /usr/bin/sleep',
    ],
  );
});

test('chosenCluster() says why no member tells who belongs to the cluster', (t) => {
  const silent = { ...found(1, LIST).etcd.told, members: undefined, status: undefined };
  const told = { ...silent, complaint: 'context deadline exceeded' };
  const one = found(1, LIST);
  const log = { clusterId: CLUSTER, memberId: '0000000000000001' };
  const all = [{ ...one, etcd: { ...one.etcd, told, look: { ...one.etcd.look, log } } }];
  t.deepEqual(
    refusal(() =>
      chosenCluster({ found: all, others: new Map(), unit: undefined, again: [] }),
    ).parts.map(({ sentence }) => sentence),
    [
      `10.0.0.1: etcd, whose log is of cluster ${CLUSTER}, could not be asked for its members: context deadline exceeded`,
    ],
  );
});

test('chosenCluster() names members that were told another protocol than their log knows them by', (t) => {
  const one = found(1, LIST, ['--listen-peer-urls', 'https://10.0.0.1:2380']);
  const told = { ...one.etcd.told, members: undefined, status: undefined };
  const etcd = { ...one.etcd, told, look: { ...one.etcd.look, firstProtocols: ['http'] } };
  const choice = { found: [{ ...one, etcd }], others: new Map(), unit: undefined, again: [] };
  const [part] = refusal(() => chosenCluster(choice)).parts;
  t.is(
    part?.sentence,
    '10.0.0.1: etcd is told to speak https with its peers, and its log knows them by http: members do not reach each other',
  );
  t.regex(
    nextText(part?.next ?? []),
    /say http again.* go to https by provision migrate INVENTORY --to https$/,
  );
});
