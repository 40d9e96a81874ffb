import test from 'ava';
import type { BootFact } from '../../../src/facts/host/boot.ts';
import { stepsOf } from '../../../src/plan/lane.ts';
import { planReboot, rebootIsOver } from '../../../src/plan/rebooting/reboot.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, type SeenFacts, settled, stopped, tenantsWith, wanted } from '../facts.ts';
import { outline } from '../outline.ts';

const HOUR = 3600;
const OTHER = [
  ...['--data-dir=/other', '--listen-client-urls=http://127.0.0.1:4379'],
  '--listen-peer-urls=http://127.0.0.1:4380',
];
const OPTIONS = { required: false, allowDowntime: false, seconds: 600 };

/** Hosts that came up an hour ago, each as a boot of its own, but for what is said of some. */
function booted(
  facts: SeenFacts,
  changes: Readonly<Record<string, Partial<BootFact>>> = {},
): { readonly facts: SeenFacts; readonly boots: ReadonlyMap<string, BootFact> } {
  const boots = [...facts.members.keys()].map(
    (name) =>
      [
        name,
        {
          ...{
            bootId: `boot-of-${name}`,
            age: HOUR,
            isRequired: false,
            fleeting: [],
            closedLogin: undefined,
          },
          ...changes[name],
        },
      ] as const,
  );
  return { facts, boots: new Map(boots) };
}

const three = wanted();
const whole = settled(three);
const titles = ({ waves }: ReturnType<typeof planReboot>) => waves.map(({ title }) => title);
const refused = ({ refusals }: ReturnType<typeof planReboot>) =>
  refusals.map(({ kind, sentence, next }) => [kind, sentence, nextText(next)]);

test('planReboot() takes one host after another, the leader last, all others answering', (t) => {
  const plan = planReboot(three, booted(whole), OPTIONS);
  t.deepEqual(titles(plan), ['reboot etcd02', 'reboot etcd03', 'reboot etcd01']);
  t.deepEqual(outline({ ...plan, waves: plan.waves.slice(0, 1) }), [
    'reboot etcd02',
    '  before etcd01 etcd03',
    '  etcd02:',
    '    yield-leadership (a leader that stops costs an election)',
    '    reboot-host (it was asked for)',
    '    await-ready (the next host may only go down when this member is back)',
    '  gate etcd01 etcd02 etcd03',
  ]);
});

test('planReboot() of named members, and of hosts that ask for it', (t) => {
  const named = planReboot(three, booted(whole), { ...OPTIONS, members: ['etcd03'] });
  t.deepEqual(titles(named), ['reboot etcd03']);
  const asking = booted(whole, { etcd01: { isRequired: true } });
  const plan = planReboot(three, asking, { ...OPTIONS, required: true });
  t.deepEqual(titles(plan), ['reboot etcd01']);
  t.deepEqual(plan.notes, [
    'etcd02 is left out: nothing on its host asks for a reboot',
    'etcd03 is left out: nothing on its host asks for a reboot',
  ]);
});

test('planReboot() leaves out who had a turn in a reboot that is not over', (t) => {
  const seen = booted(whole, { etcd02: { age: 30 } });
  const plan = planReboot(three, seen, { ...OPTIONS, since: 60 });
  t.deepEqual(titles(plan), ['reboot etcd03', 'reboot etcd01']);
  t.deepEqual(plan.notes, [
    'etcd02 is left out: its host came up 30 s ago, in a reboot that is not over; --again reboots it too',
  ]);
  t.deepEqual(titles(planReboot(three, seen, OPTIONS)).length, 3);
});

test('planReboot() has the same hosts in the command that goes on', (t) => {
  const words = (options: Partial<Parameters<typeof planReboot>[2]>) =>
    planReboot(three, booted(whole, { etcd03: { isRequired: true } }), { ...OPTIONS, ...options })
      .waves.flatMap(({ lanes }) => stepsOf(lanes))
      .flatMap((step) => (step.kind === 'reboot-host' ? [step.words] : []))[0];
  t.deepEqual(words({}), []);
  t.deepEqual(words({ members: ['etcd03'], required: true, allowDowntime: true }), [
    ...['etcd03', '--required', '--allow-downtime'],
  ]);
});

test('planReboot() says what the reboot brings into use, and that it brings no more', (t) => {
  const slower = wanted(3, {
    etcd: { version: '3.5.30', settings: { 'heartbeat-interval': 200 } },
  });
  const plan = planReboot(slower, booted(whole), { ...OPTIONS, members: ['etcd03'] });
  t.deepEqual(plan.notes, [
    'etcd03 waits for a restart (it runs with another ETCD_HEARTBEAT_INTERVAL): the reboot brings into use what of that is on its host; what is not there yet, up brings',
  ]);
});

test('rebootIsOver() once each host has come up since it began, or is not asked for', (t) => {
  const turns = { etcd01: { age: 30 }, etcd02: { age: 40 } };
  const over = (last: Partial<BootFact>, options: Parameters<typeof rebootIsOver>[2]) =>
    rebootIsOver(three, booted(whole, { ...turns, etcd03: last }).boots, options);
  t.true(over({ age: 50 }, { since: 60, required: false }));
  t.false(over({}, { since: 60, required: false }));
  t.true(over({}, { since: 60, required: true }));
  t.false(over({ isRequired: true }, { since: 60, required: true }));
  t.false(over({ age: 50 }, { since: undefined, required: false }));
  t.false(rebootIsOver(three, booted(whole).boots, { since: 60, required: true }));
});

test('planReboot() reboots the one member that does not answer first, and no other beside it', (t) => {
  const sick = booted(but(whole, 'etcd03', stopped));
  t.deepEqual(titles(planReboot(three, sick, OPTIONS)), [
    'reboot etcd03',
    'reboot etcd02',
    'reboot etcd01',
  ]);
  t.deepEqual(refused(planReboot(three, sick, { ...OPTIONS, members: ['etcd01'] })), [
    [
      'not-answering',
      'etcd03: does not answer a linearizable read (no etcd process); a rolling reboot needs every member',
      'provision doctor INVENTORY says why; or if a reboot of etcd03 is to cure it: provision reboot INVENTORY etcd03',
    ],
  ]);
  const two = booted(but(but(whole, 'etcd03', stopped), 'etcd02', stopped));
  t.deepEqual(
    refused(planReboot(three, two, OPTIONS)).map(([kind]) => kind),
    ['not-answering', 'not-answering'],
  );
});

test('planReboot() without one that is away: the others of five, and of three nobody', (t) => {
  const five = wanted(5);
  const away = { ...OPTIONS, away: ['etcd05'] };
  const plan = planReboot(five, booted(but(settled(five), 'etcd05', stopped)), away);
  t.deepEqual(titles(plan), ['reboot etcd02', 'reboot etcd03', 'reboot etcd04', 'reboot etcd01']);
  t.deepEqual(outline({ ...plan, waves: plan.waves.slice(0, 1) }), [
    'reboot etcd02',
    '  before etcd01 etcd03 etcd04',
    '  etcd02:',
    '    yield-leadership (a leader that stops costs an election)',
    '    reboot-host (it was asked for)',
    '    await-ready (the next host may only go down when this member is back)',
    '  gate etcd01 etcd02 etcd03 etcd04',
  ]);
  t.deepEqual(plan.left, [{ name: 'etcd05', because: 'away; its host was not rebooted' }]);
  const sick = but(but(settled(five), 'etcd05', stopped), 'etcd04', stopped);
  t.deepEqual(
    refused(planReboot(five, booted(sick), away)).map(([kind]) => kind),
    ['not-answering'],
  );
  t.deepEqual(
    refused(
      planReboot(three, booted(but(whole, 'etcd03', stopped)), {
        ...{ ...OPTIONS, away: ['etcd03'], allowDowntime: true },
      }),
    ),
    [
      [
        'quorum-at-risk',
        'etcd01, etcd02: cannot be rebooted without etcd03: 1 of 3 members would be left, and 2 must answer',
        'bring etcd03 back first: provision doctor INVENTORY says why it is away',
      ],
    ],
  );
  t.deepEqual(
    refused(planReboot(five, booted(settled(five)), away)).map(([kind]) => kind),
    ['not-away'],
  );
});

test('planReboot() refuses what would not come back, and what nobody here counts', (t) => {
  const kinds = (seen: Parameters<typeof planReboot>[1], more = {}) =>
    refused(planReboot(three, seen, { ...OPTIONS, ...more })).map(([kind]) => kind);
  const disabled = but(whole, 'etcd02', ({ unit }) => ({ unit: { ...unit, enabled: false } }));
  t.deepEqual(kinds(booted(disabled)), ['not-enabled']);
  t.deepEqual(kinds(booted(disabled), { members: ['etcd01'] }), []);
  const byHand = { etcd02: { fleeting: [{ target: '/var/lib', why: 'by-hand' as const }] } };
  t.deepEqual(refused(planReboot(three, booted(whole, byHand), OPTIONS)), [
    [
      'mounted-by-hand',
      'etcd02: /var/lib, which holds /var/lib/etcd, was mounted by hand: neither /etc/fstab nor a mount unit would mount it again',
      'put /var/lib into /etc/fstab on etcd02, and there: systemctl daemon-reload; where a service or a script of yours mounts it, give it a mount unit there: systemctl edit --full --force "$(systemd-escape -p --suffix=mount /var/lib)"',
    ],
  ]);
  const dataset = { etcd02: { fleeting: [{ target: '/var/lib', why: 'zfs' as const }] } };
  t.deepEqual(refused(planReboot(three, booted(whole, dataset), OPTIONS)), [
    [
      'mounted-by-hand',
      'etcd02: /var/lib, which holds /var/lib/etcd, is a ZFS dataset that nothing mounts at boot: zfs-mount.service is not enabled, and no mount unit is there',
      'have it mounted at boot: systemctl enable zfs-import-cache zfs-import.target zfs-mount zfs.target on etcd02',
    ],
  ]);
  const inMemory = { etcd02: { fleeting: [{ target: '/var/lib/etcd', why: 'tmpfs' as const }] } };
  t.deepEqual(kinds(booted(whole, inMemory)), ['data-in-memory']);
  // A member that answers is not replaced: it is stopped first, and never has its data covered while it runs.
  t.is(
    refused(planReboot(three, booted(whole, inMemory), OPTIONS))[0]?.[2],
    'give it a disk while all others answer: systemctl stop etcd on etcd02, and mount the disk at /var/lib/etcd there; then: provision member replace INVENTORY etcd02',
  );
  const closed = (unit: string, state: string) =>
    refused(
      planReboot(three, booted(whole, { etcd02: { closedLogin: { unit, state } } }), OPTIONS),
    );
  t.deepEqual(closed('ssh.service', 'disabled'), [
    [
      'login-not-enabled',
      'etcd02: ssh.service, through which this run logs in, would not start at boot (disabled), so nobody could log in after a reboot',
      'have it start at boot: systemctl enable ssh.service on etcd02',
    ],
  ]);
  t.is(
    closed('sshd.socket', 'masked')[0]?.[2],
    'have it start at boot: systemctl unmask sshd.socket && systemctl enable sshd.socket on etcd02',
  );
  t.is(
    closed('login.service', 'static')[0]?.[2],
    'have it start at boot: systemctl add-wants multi-user.target login.service on etcd02',
  );
  const here = 'boot-of-etcd03';
  t.deepEqual(kinds(booted(whole), { here }), ['own-machine']);
  t.deepEqual(kinds(booted(whole), { here, members: ['etcd01', 'etcd02'] }), []);
  const one = { etcd02: { bootId: 'same' }, etcd03: { bootId: 'same' } };
  t.deepEqual(kinds(booted(whole, one)), ['shared-machine']);
  const neighbour = but(whole, 'etcd02', ({ tenants }) => ({
    tenants: tenantsWith(tenants, {
      ...tenantsWith(),
      processes: [
        {
          ...{ pid: 777, executable: '/opt/other/etcd', unit: 'other.service' },
          ...{ environment: new Map(), args: OTHER },
        },
      ],
    }),
  }));
  t.deepEqual(
    refused(planReboot(three, booted(neighbour), OPTIONS)).map(([, sentence]) => sentence),
    [
      'etcd02: other.service runs etcd there too, and a reboot would stop it without anybody counting its quorum',
    ],
  );
});

test('planReboot() of a single member is a full stop, which is to be agreed to', (t) => {
  const one = wanted(1);
  const seen = booted(settled(one));
  t.deepEqual(refused(planReboot(one, seen, OPTIONS)), [
    [
      'downtime',
      'prod: with 1 member nobody is served from the moment etcd01 goes down until its host is back: minutes, not seconds',
      'accept that the cluster stops meanwhile: add --allow-downtime',
    ],
  ]);
  t.deepEqual(titles(planReboot(one, seen, { ...OPTIONS, allowDowntime: true })), [
    'reboot etcd01',
  ]);
});
