import test from 'ava';
import { leftBehind } from '../../src/plan/left-behind.ts';
import { settled, wanted } from './facts.ts';

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
