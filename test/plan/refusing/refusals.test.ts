import { createHash } from 'node:crypto';
import test from 'ava';
import type { DesiredCluster } from '../../../src/desired/cluster.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  bare,
  but,
  butAll,
  FRESH,
  inDays,
  notAnswering,
  type SeenFacts,
  settled,
  stopped,
  UP,
  wanted,
} from '../facts.ts';

const three = wanted();
const matching = settled(three);
const SETTINGS = { version: '3.5.30', settings: { 'heartbeat-interval': 200 } };

/** What the whole planner says: sentence, next, sentence, next, …; and that it would then do nothing. */
const refuses = test.macro(
  (t, desired: DesiredCluster, facts: SeenFacts, ...expected: readonly string[]) => {
    const { waves, refusals } = planCluster(desired, facts, UP);
    t.deepEqual(
      refusals.flatMap(({ sentence, next }) => [sentence, nextText(next)]),
      expected,
    );
    t.deepEqual(waves, []);
  },
);

const DOWNTIME = 'accept seconds without writes: add --allow-downtime';

test(
  'one member is not restarted without being asked',
  refuses,
  wanted(1, { etcd: SETTINGS }),
  settled(wanted(1)),
  'etcd01 has to be restarted (it runs with another ETCD_HEARTBEAT_INTERVAL); with 1 member the cluster takes no writes meanwhile',
  DOWNTIME,
);

test(
  'of two members none is restarted without being asked',
  refuses,
  wanted(2, { etcd: SETTINGS }),
  settled(wanted(2)),
  'etcd01 has to be restarted (it runs with another ETCD_HEARTBEAT_INTERVAL); etcd02 has to be restarted (it runs with another ETCD_HEARTBEAT_INTERVAL); with 2 members the cluster takes no writes meanwhile',
  DOWNTIME,
);

test('two members that hang in their first start may be restarted: they serve nobody', (t) => {
  const desired = wanted(2, { etcd: SETTINGS });
  const hanging = butAll(settled(wanted(2)), ({ unit }) => ({
    unit: { ...unit, active: 'activating' },
    etcd: notAnswering('context deadline exceeded'),
  }));
  t.deepEqual(planCluster(desired, hanging, UP).refusals, []);
});

const deaf = { etcd: notAnswering('context deadline exceeded') };

test(
  'a member that does not answer forbids changes to the others',
  refuses,
  three,
  but(
    but(matching, 'etcd02', () => deaf),
    'etcd03',
    ({ unit }) => ({ unit: { ...unit, enabled: false } }),
  ),
  'etcd02: does not answer a linearizable read (context deadline exceeded); until it does, etcd03 must not be changed',
  'see why: journalctl -u etcd on etcd02',
);

test(
  'two members that do not answer forbid every change',
  refuses,
  wanted(5, { etcd: SETTINGS }),
  butAll(settled(wanted(5)), (_, name) => (['etcd02', 'etcd04'].includes(name) ? deaf : {})),
  'etcd02: does not answer a linearizable read (context deadline exceeded); until it does, etcd01, etcd02, etcd03, etcd04, etcd05 must not be changed',
  'see why: journalctl -u etcd on etcd02',
  'etcd04: does not answer a linearizable read (context deadline exceeded); until it does, etcd01, etcd02, etcd03, etcd04, etcd05 must not be changed',
  'see why: journalctl -u etcd on etcd04',
);

test(
  'a taken port forbids the start',
  refuses,
  three,
  but(bare(three), 'etcd02', () => ({ listeners: [{ port: 2379, process: 'nginx', pid: 7 }] })),
  'etcd02: port 2379 is taken by nginx (pid 7), and etcd.service does not run',
  'stop nginx on etcd02, or choose other etcd.ports',
);

test(
  'a taken port beside data may be an etcd on that data',
  refuses,
  three,
  but(matching, 'etcd02', (found) => ({
    ...stopped(found),
    listeners: [{ port: 2380, process: 'etcd', pid: 7 }],
  })),
  'etcd02: port 2380 is taken by etcd (pid 7), and etcd.service does not run',
  'it may be a member of a cluster, so do not stop it: choose other etcd.ports, or, if it is etcd02 itself in another unit, put that unit back as etcd.unit',
);

const machine = (change: Partial<MemberFacts['machine']>) =>
  but(bare(three), 'etcd03', (found) => ({ machine: { ...found.machine, ...change } }));

test(
  'programs of another architecture are not brought',
  refuses,
  three,
  machine({ architecture: 'aarch64' }),
  'etcd03: is arm64, but /cache/etcd-v3.5.30/etcd is made for amd64',
  'give etcd.source binaries for arm64',
);

test(
  'an old systemd is refused',
  refuses,
  three,
  machine({ systemd: 229, os: 'Ubuntu 16.04.7 LTS' }),
  'etcd03: has systemd 229 (Ubuntu 16.04.7 LTS); 235 is needed',
  'upgrade the operating system',
);

test(
  'members that trust another CA than the store has are left alone',
  refuses,
  three,
  but(matching, 'etcd02', ({ pki }) => {
    const ca = pki.files.get('ca.crt');
    if (ca === undefined) throw new TypeError('no CA');
    return { pki: { ...pki, files: new Map(pki.files).set('ca.crt', { ...ca, sha256: 'ff' }) } };
  }),
  'etcd02: trusts another CA than the PKI store /home/me/prod.pki has; new certificates would not be accepted there',
  'the other members trust what the store has: look at ca.crt on etcd02; if it is damaged, move it away, and up writes it again',
);

test('an emptied CA is written again, like one that is missing', (t) => {
  const sha256 = createHash('sha256').update('').digest('hex');
  const facts = but(matching, 'etcd02', ({ pki }) => {
    const ca = pki.files.get('ca.crt');
    if (ca === undefined) throw new TypeError('no CA');
    return { pki: { ...pki, files: new Map(pki.files).set('ca.crt', { ...ca, sha256 }) } };
  });
  const { waves, refusals } = planCluster(three, facts, {
    freshToken: FRESH,
    wipe: false,
    allowDowntime: false,
  });
  t.deepEqual(refusals, []);
  t.regex(JSON.stringify(waves), /"install-certificates","member":"etcd02"/);
});

test(
  'a lost PKI store is no reason to found a new CA',
  refuses,
  three,
  { ...matching, store: bare(three).store },
  'etcd01, etcd02, etcd03: trusts another CA than the PKI store /home/me/prod.pki (which has none); new certificates would not be accepted there',
  'bring back the store this cluster was made with, or set pki.store to where it is',
);

const expired = (hasKey: boolean, ends: Date): SeenFacts => {
  const { store } = matching;
  if (store.ca === undefined) throw new TypeError('no CA');
  const certificates = new Map(store.certificates);
  certificates.delete('etcd02/server');
  const ca = { ...store.ca, hasKey, fact: { ...store.ca.fact, notAfter: ends } };
  return { ...matching, store: { ...store, ca, certificates } };
};

test(
  'an expired CA is found out before anything is touched',
  refuses,
  three,
  expired(true, inDays(-1)),
  '/home/me/prod.pki: the CA expired on 2026-11-20, so etcd02/server cannot be issued',
  'bring a CA that can sign into /home/me/prod.pki',
);

test(
  'a CA without its key is found out before anything is touched',
  refuses,
  three,
  expired(false, inDays(3_000)),
  '/home/me/prod.pki: the key of the CA is not there, so etcd02/server cannot be issued',
  'put the key to the CA in /home/me/prod.pki for this run',
);

const WAYS_TO_HTTPS = `put protocol: http into the inventory, or choose one of two ways to https:
    provision migrate INVENTORY --to https --via live      no outage, data and ids stay; needs three healthy members
    provision migrate INVENTORY --to https --via snapshot  seconds without writes, data stays, ids change`;

test(
  'up never switches the protocol of a running cluster',
  refuses,
  three,
  { ...settled(wanted(3, { protocol: 'http' })), store: matching.store },
  'prod: https is wanted, but http is in the membership of etcd01, etcd02, etcd03; the listeners of etcd01, etcd02, etcd03; up alone never switches the protocol, because members would stop understanding each other',
  WAYS_TO_HTTPS,
);

test(
  'up never switches the protocol of data',
  refuses,
  three,
  { ...butAll(settled(wanted(3, { protocol: 'http' })), stopped), store: matching.store },
  'prod: https is wanted, but http is in the data of etcd01, etcd02, etcd03; up alone never switches the protocol, because members would stop understanding each other',
  WAYS_TO_HTTPS,
);

test(
  'up does not change membership',
  refuses,
  wanted(2),
  settled(three),
  'the running cluster has a member etcd03 at https://198.18.0.13:2380 that the inventory does not name; it counts: 2 of 3 must answer',
  'put etcd03 with its address (https://198.18.0.13:2380) into the inventory',
);

const moved = wanted(3, {
  members: ['etcd01', 'etcd02', 'etcd03'].map((name, index) => ({
    name,
    address: `198.18.0.${index === 2 ? 99 : 11 + index}`,
  })),
});

test(
  'up does not change addresses of data that does not run',
  refuses,
  moved,
  butAll(matching, stopped),
  'etcd03: was made with address 198.18.0.13; the inventory says 198.18.0.99',
  'put address: 198.18.0.13 back into the inventory; up moves a member with its data alone, and while others answer; or without etcd03, start the others: systemctl start --no-block etcd on etcd01, etcd02',
);

test(
  'a unit that somebody else made is not taken over',
  refuses,
  three,
  but(bare(three), 'etcd01', ({ unit }) => ({
    unit: { ...unit, exists: true, active: 'active', pid: 77 },
    etcd: notAnswering('no etcdctl'),
  })),
  'etcd01: etcd.service runs there already (pid 77), and provision did not make it',
  'choose another etcd.unit, etcd.paths.data and etcd.ports, or stop it yourself: systemctl disable --now etcd on etcd01',
);

const version = (running: string) =>
  but(matching, 'etcd01', ({ etcd }) => ({
    etcd: { ...etcd, status: etcd.status && { ...etcd.status, version: running } },
  }));

test(
  'up does no downgrade',
  refuses,
  three,
  version('3.5.31'),
  'etcd01: runs etcd 3.5.31; going to 3.5.30 is a downgrade, which up does not do',
  'set etcd.version to 3.5.31 or a later 3.5.x',
);

test(
  'up goes back to no earlier minor version where only its file tells which version runs',
  refuses,
  three,
  but(matching, 'etcd01', ({ etcd, program }) => ({
    etcd: { ...etcd, status: undefined },
    program: { ...program, running: '3.6.14' },
  })),
  'etcd01: runs etcd 3.6.14; going to 3.5.30 is a change of minor version, which up does not do',
  'set etcd.version to 3.6.14 or a later 3.6.x; or if nobody meant to upgrade, one after another on etcd01: test -x /opt/etcd/3.5.30/etcd && ln -sfn /opt/etcd/3.5.30 /opt/etcd/etcd && systemctl restart etcd',
);

test(
  'up goes back to no earlier minor version',
  refuses,
  three,
  version('3.6.14'),
  'etcd01: runs etcd 3.6.14; going to 3.5.30 is a change of minor version, which up does not do',
  'set etcd.version to 3.6.14 or a later 3.6.x; or if nobody meant to upgrade, one after another on etcd01: test -x /opt/etcd/3.5.30/etcd && ln -sfn /opt/etcd/3.5.30 /opt/etcd/etcd && systemctl restart etcd',
);

test(
  'a corruption alarm forbids everything',
  refuses,
  three,
  but(matching, 'etcd02', ({ etcd }) => ({
    etcd: {
      ...etcd,
      status: etcd.status && {
        ...etcd.status,
        // What any member says is about the one whose id it names.
        errors: [
          `memberID:${BigInt(`0x${matching.members.get('etcd01')?.etcd.status?.memberId}`)} alarm:CORRUPT `,
        ],
      },
    },
  })),
  'etcd01: etcd reports a corruption alarm; changing anything now could spread it',
  'if all others hold the same, which the command compares first, let etcd01 begin again with that; its data is moved aside: provision member replace INVENTORY etcd01; or keep all members as they are, and save what each of the others holds: provision snapshot save INVENTORY --member etcd02 (likewise etcd03)',
);

test(
  'a corruption alarm forbids everything where etcd tells users only of which member',
  refuses,
  three,
  but(matching, 'etcd02', ({ etcd }) => ({
    etcd: { ...etcd, status: undefined, asksForUser: true, alarmKinds: ['NOSPACE', 'CORRUPT'] },
  })),
  'prod: etcd reports a corruption alarm, and says to nobody without a user of which member; changing anything now could spread it',
  'keep all members as they are, and save what each of them holds: provision snapshot save INVENTORY --member NAME; or see of which member: provision etcdctl INVENTORY -- --user root alarm list',
);

test('all reasons are told at once', (t) => {
  const facts = but(machine({ systemd: 229 }), 'etcd01', () => ({
    listeners: [{ port: 2379, process: 'x', pid: 1 }],
  }));
  const { refusals } = planCluster(three, facts, {
    freshToken: FRESH,
    wipe: false,
    allowDowntime: false,
  });
  t.is(refusals.length, 2);
});
