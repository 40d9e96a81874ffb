import test from 'ava';
import type { Cause } from '../../../src/diagnosis/causes/cause.ts';
import { withDiffering } from '../../../src/diagnosis/causes/file-drift.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, settled, wanted } from '../../plan/facts.ts';

const three = wanted();
const facts = settled(three);
const [member] = three.members;

/** The cause and its remedies, with one line of a file replaced. */
const said = (file: 'conf' | 'unitFile', line: RegExp, by: string, cause: Partial<Cause>) => {
  const found = but(facts, 'etcd01', (one) => {
    const there = one[file];
    return { [file]: there && { ...there, content: there.content.replace(line, by) } };
  }).members.get('etcd01');
  if (found === undefined || member === undefined) throw new TypeError('no etcd01');
  const whole: Cause = {
    kind: 'crash',
    sentence: 'it ends',
    evidence: [],
    next: [byHand],
    ...cause,
  };
  const { sentence: why, evidence, next } = withDiffering(whole, three, member, found);
  return [why, ...evidence, nextText(next.map(({ parts }) => ({ parts, requires: [] }) as const))];
};
const byHand = { parts: ['by hand'], requires: [] };
const up = (keys: string) =>
  `up writes the file again as the inventory has it (${keys}): provision up INVENTORY`;
const PEERS = '/etc/etcd/etcd.conf differs in ETCD_LISTEN_PEER_URLS';
const USER = '/etc/systemd/system/etcd.service differs in User';

test('withDiffering() leaves a cause where the files are as they should be', (t) =>
  t.deepEqual(said('conf', /^$/, '', {}), ['it ends', 'by hand']));

test('withDiffering() sends to up for an address that was changed on the host', (t) =>
  t.deepEqual(
    said(
      'conf',
      /^ETCD_LISTEN_PEER_URLS=.*$/m,
      'ETCD_LISTEN_PEER_URLS="https://198.18.0.99:2380"',
      {
        kind: 'address-not-here',
      },
    ),
    ['it ends', PEERS, up(PEERS)],
  ));

test('withDiffering() names a changed account of the unit, and keeps what else helps', (t) =>
  t.deepEqual(said('unitFile', /^User=.*$/m, 'User=nobody', { kind: 'rights' }), [
    'it ends',
    USER,
    `${up(USER)}; or by hand`,
  ]));

test('withDiffering() does not count what the first start left in the file', (t) =>
  t.deepEqual(
    said('conf', /^ETCD_INITIAL_CLUSTER_STATE=.*$/m, 'ETCD_INITIAL_CLUSTER_STATE="new"', {}),
    ['it ends', 'by hand'],
  ));

test('withDiffering() leaves data that is damaged to what is told of it', (t) =>
  t.deepEqual(said('conf', /^ETCD_NAME=.*$/m, 'ETCD_NAME="x"', { kind: 'data-damaged' }), [
    'it ends',
    'by hand',
  ]));
