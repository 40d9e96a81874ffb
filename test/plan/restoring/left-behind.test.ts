import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { leftBehind } from '../../../src/plan/restoring/left-behind.ts';
import { butAll, settled, wanted } from '../facts.ts';

const three = wanted(3);
const whole = settled(three);
const OUT = (...names: readonly string[]) => ({
  ...three,
  members: three.members.filter(({ name }) => !names.includes(name)),
});

test('leftBehind: who is left out of a restore is named, with what stops it and what it does until then', (t) => {
  t.is(leftBehind(three, whole), undefined);
  t.is(
    leftBehind(OUT('etcd03'), whole),
    'not in this inventory, so left as they are: etcd03 (https://198.18.0.13:2380); clients that still ask them read the data of the former cluster: stop etcd there: systemctl disable --now etcd on 198.18.0.13',
  );
  t.is(
    leftBehind(OUT('etcd02', 'etcd03'), whole),
    'not in this inventory, so left as they are: etcd02 (https://198.18.0.12:2380), etcd03 (https://198.18.0.13:2380); they have the quorum of the former cluster and go on taking writes, which the restored one does not get: stop etcd there: systemctl disable --now etcd on 198.18.0.12, 198.18.0.13',
  );
});

/** The facts of three members with these entries in the list that all of them tell. */
const listing = (change: (members: readonly EtcdMember[]) => readonly EtcdMember[]) =>
  butAll(whole, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: change(etcd.members.members) },
    },
  }));
const entry = (more: Partial<EtcdMember>): EtcdMember => ({
  ...{ id: 'abc1', name: 'etcd09', peerUrls: ['https://198.18.0.19:2380'] },
  ...{ clientUrls: [], isLearner: false, ...more },
});

test('leftBehind: a host of the inventory is never named, whatever a list has at it besides', (t) => {
  for (const more of [
    { name: 'etcd03', peerUrls: ['https://198.18.0.13:2380'] },
    { name: 'etcd03', peerUrls: ['http://198.18.0.13:2380'] },
    { name: 'former', peerUrls: ['https://198.18.0.13:12380'] },
    { name: 'former', peerUrls: ['https://198.18.0.19:2380', 'https://198.18.0.13:2380'] },
  ])
    t.is(
      leftBehind(
        three,
        listing((all) => [...all, entry(more)]),
      ),
      undefined,
    );
});

test('leftBehind: learners that are left out have no vote in who has the quorum', (t) => {
  const learners = ['15', '16', '17'].map((end) =>
    entry({ id: end, name: end, peerUrls: [`https://198.18.0.${end}:2380`], isLearner: true }),
  );
  const told = leftBehind(
    three,
    listing((all) => [...all, ...learners]),
  );
  t.is(
    told,
    'not in this inventory, so left as they are: 15 (https://198.18.0.15:2380), 16 (https://198.18.0.16:2380), 17 (https://198.18.0.17:2380); clients that still ask them read the data of the former cluster: stop etcd there: systemctl disable --now etcd on 198.18.0.15, 198.18.0.16, 198.18.0.17',
  );
});

test('leftBehind: voters alone are counted, so two of three have the quorum beside learners too', (t) => {
  const learners = ['15', '16', '17'].map((end) =>
    entry({ id: end, name: end, peerUrls: [`https://198.18.0.${end}:2380`], isLearner: true }),
  );
  t.regex(
    leftBehind(
      OUT('etcd02', 'etcd03'),
      listing((all) => [...all, ...learners]),
    ) ?? '',
    /; they have the quorum of the former cluster /,
  );
});
