import test from 'ava';
import {
  describeWitnesses,
  migrateTo,
  protocolWitnesses,
  switchWays,
} from '../../../src/plan/switching/protocol.ts';
import { protocolMismatch } from '../../../src/plan/switching/protocol-mismatch.ts';
import { INVENTORY, provision, remedy } from '../../../src/problem/remedy.ts';
import { nextText } from '../../../src/problem/render.ts';
import { butAll, type SeenFacts, stopped } from '../facts.ts';
import { listedAs, runningAs, serving, switching, unheard } from '../switching.ts';

const { from: http, desired, before } = switching('https');
const https = desired.target;
const NAMES = http.members.map(({ name }) => name);

/** Who says https, and who http. */
function said(facts: SeenFacts): readonly string[] {
  const witnesses = protocolWitnesses(facts);
  return (['http', 'https'] as const).map((protocol) =>
    describeWitnesses(witnesses.filter((one) => one.protocol === protocol)),
  );
}

const ALL = 'etcd01, etcd02, etcd03';

test('protocolWitnesses() are the membership and the listeners of what runs', (t) => {
  t.deepEqual(said(before), [`the membership of ${ALL}; the listeners of ${ALL}`, '']);
});

test('protocolWitnesses() in the window say both', (t) => {
  const window = desired.window(new Map([['etcd02', 'https']]), serving());
  const facts = listedAs(runningAs(before, 'etcd02', window), 'etcd02', 'https://198.18.0.12:2380');
  t.deepEqual(said(facts), [
    'the membership of etcd01, etcd03; the listeners of etcd01, etcd02, etcd03',
    'the membership of etcd02; the listeners of etcd02',
  ]);
});

test('protocolWitnesses() of what does not run is the configuration its data was used with', (t) => {
  const facts = butAll(before, stopped);
  t.deepEqual(said(facts), [`the data of ${ALL}`, '']);
});

const byHand = NAMES.reduce((facts, name) => runningAs(facts, name, https), before);

test('protocolWitnesses() of members that nobody hears are what each believes', (t) => {
  t.deepEqual(said(butAll(byHand, unheard)), [
    `the membership of ${ALL}`,
    `the listeners of ${ALL}`,
  ]);
});

test('protocolMismatch() is none where all agree', (t) => {
  t.is(protocolMismatch(http, before), undefined);
});

test('protocolMismatch() names who says what, and the two ways that keep the data', (t) => {
  t.deepEqual(protocolMismatch(https, butAll(byHand, unheard)), {
    ...{ kind: 'protocol-changed', about: [] },
    sentence: `prod: https is wanted, but http is still in the membership of ${ALL}; up alone never switches the protocol, because members would stop understanding each other`,
    next: switchWays('https', 'http'),
    isFixedByUp: false,
  });
  t.deepEqual(
    nextText(switchWays('http', 'https')).match(/--via \S+ --accept-plaintext/g),
    ['live', 'snapshot'].map((way) => `--via ${way} --accept-plaintext`),
  );
});

test('protocolMismatch() knows a configuration that was changed alone, which up fixes', (t) => {
  t.deepEqual(protocolMismatch(http, butAll(byHand, unheard)), {
    ...{ kind: 'configuration-alone', about: [] },
    sentence: `prod: inventory and membership say http, but https is in the listeners of ${ALL}: the configuration was changed alone, so members do not understand each other`,
    next: [
      remedy`${provision('up', INVENTORY)} writes the configuration again and restarts them; to change the protocol after that: ${migrateTo('https')}`,
    ],
    isFixedByUp: true,
  });
});

test('protocolMismatch() leaves a changed configuration to migrate while anybody is heard', (t) => {
  t.false(protocolMismatch(http, byHand)?.isFixedByUp);
});

/** Every member as it runs in a state of a switch. */
const all = (cluster: typeof https) =>
  NAMES.reduce((facts, name) => runningAs(facts, name, cluster), before);

test('protocolMismatch() of a cluster that speaks the other protocol says so, and how to keep it', (t) => {
  const facts = NAMES.reduce(
    (found, name) => listedAs(found, name, `https://198.18.0.1${name.at(-1)}:2380`),
    all(https),
  );
  t.deepEqual(protocolMismatch(http, facts), {
    ...{ kind: 'protocol-changed', about: [] },
    sentence: `prod: http is wanted, but https is in the membership of ${ALL}; the listeners of ${ALL}; up alone never switches the protocol, because members would stop understanding each other`,
    next: switchWays('http', 'https'),
    isFixedByUp: false,
  });
  t.is(
    nextText(switchWays('http', 'https')).split('\n')[0],
    'put protocol: https into the inventory, or choose one of two ways to http:',
  );
});

for (const [says, cluster, other, seen] of [
  ['http', http, 'https', `the listeners of ${ALL}`],
  ['https', https, 'http', `the membership of ${ALL}; the listeners of ${ALL}`],
] as const)
  test(`protocolMismatch() of a stage that serves both names both ends, when the inventory says ${says}`, (t) => {
    const peers = new Map(NAMES.map((name) => [name, 'http'] as const));
    const mismatch = protocolMismatch(cluster, all(desired.window(peers, serving())));
    t.is(
      mismatch?.sentence,
      `prod: a switch between http and https is not finished: clients are served by both (http at port 2379, https at port 2378); ${says} is wanted, ${other} is in ${seen}`,
    );
    t.is(
      nextText(mismatch?.next ?? []),
      'to end in https: provision migrate INVENTORY --to https; once clients have moved: provision migrate INVENTORY --to https --finish; or to end in http: provision migrate INVENTORY --to http --accept-plaintext; once clients have moved: provision migrate INVENTORY --to http --finish --accept-plaintext',
    );
  });

for (const cluster of [http, https])
  test(`protocolMismatch() of a port that is left of a switch, when the inventory says ${cluster.protocol}`, (t) => {
    const mismatch = protocolMismatch(cluster, all(desired.withPort(2378)));
    t.is(
      mismatch?.sentence,
      `prod: a switch to https is not finished: ${ALL} serve https at port 2379, and still at port 2378`,
    );
    t.is(
      nextText(mismatch?.next ?? []),
      'have clients use port 2379, then: provision migrate INVENTORY --to https --finish',
    );
  });
