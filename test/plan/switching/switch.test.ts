import test from 'ava';
import { planSwitch } from '../../../src/plan/switching/switch.ts';
import type { SwitchOptions } from '../../../src/plan/switching/switch-stages.ts';
import { but, butAll, type SeenFacts, stopped } from '../facts.ts';
import { outline } from '../outline.ts';
import { listedAs, runningAs, type Switching, serving, switching, unheard } from '../switching.ts';

const NO_WISHES: SwitchOptions = { finish: false, advertise: false, allowDowntime: false };
const secure = switching('https');
const plain = switching('http');

const plans = test.macro(
  (
    t,
    { desired }: Switching,
    facts: SeenFacts,
    expected: readonly string[],
    wishes: Partial<SwitchOptions> = {},
  ) => {
    t.deepEqual(outline(planSwitch(desired, facts, { ...NO_WISHES, ...wishes })), expected);
  },
);

const NAMES = ['etcd01', 'etcd02', 'etcd03'];
const PEER = ['ETCD_LISTEN_PEER_URLS', 'ETCD_INITIAL_ADVERTISE_PEER_URLS'];
const CLIENT = ['ETCD_LISTEN_CLIENT_URLS', 'ETCD_ADVERTISE_CLIENT_URLS'];
const TLS = ['CERT_FILE', 'KEY_FILE', 'TRUSTED_CA_FILE', 'CLIENT_CERT_AUTH'];
const ALL_TLS = ['', 'PEER_'].flatMap((of) => TLS.map((name) => `ETCD_${of}${name}`));
const DIFFERS = 'write-files /etc/etcd/etcd.conf (its content differs)';
const HANDOVER = 'yield-leadership (a leader that stops costs an election)';
const differing = (names: readonly string[]) => `it runs with another ${names.join(', ')}`;

/** A wave that changes one member, with what only it does before, why it restarts, and what goes back first. */
function change(
  title: string,
  name: string,
  because: string,
  { first = [], back = [] }: { first?: readonly string[]; back?: readonly string[] } = {},
): readonly string[] {
  const lane = (steps: readonly string[]) => [`  ${name}:`, ...steps.map((step) => `    ${step}`)];
  return [
    title,
    `  before ${NAMES.filter((other) => other !== name).join(' ')}`,
    ...lane([
      ...(first.length > 0 ? [HANDOVER, ...first, DIFFERS] : [DIFFERS, HANDOVER]),
      `restart-unit (${because})`,
      'await-ready (the next member may only stop when this one is back)',
    ]),
    '  or back:',
    ...lane([
      ...[...back, 'write-files /etc/etcd/etcd.conf (the change failed)'],
      'enable-unit (its file is the former one again)',
      ...['restart-unit (the change failed)', 'await-ready (it was ready before)'],
    ]),
    `  gate ${NAMES.join(' ')}`,
  ];
}

const able = (name: string) =>
  change(
    `make ${name} able to speak https`,
    name,
    differing(['ETCD_LISTEN_CLIENT_URLS', ...ALL_TLS]),
  );
const address = (name: string) => `198.18.0.1${name.slice(-1)}:2380`;
const dialled = (url: string) =>
  `update-peer-urls (members dial what the membership says, which is ${url})`;
const moved = (name: string, to: string, names: readonly string[] = PEER) =>
  change(`move ${name} to ${to} among members`, name, differing(names), {
    first: [dialled(`${to === 'https' ? 'http' : 'https'}://${address(name)}`)],
    back: ['update-peer-urls (the change failed)'],
  });
const ended = (name: string, protocol: string) =>
  change(`end ${protocol} on ${name}`, name, differing(CLIENT));

test(
  'to https: all become able to dial it, then move, one by one, the leader last',
  plans,
  secure,
  secure.before,
  [
    ...[...able('etcd02'), ...able('etcd03'), ...able('etcd01')],
    ...[...moved('etcd02', 'https'), ...moved('etcd03', 'https'), ...moved('etcd01', 'https')],
  ],
);

const allFour = [
  'ETCD_LISTEN_PEER_URLS',
  'ETCD_LISTEN_CLIENT_URLS',
  'ETCD_INITIAL_ADVERTISE_PEER_URLS',
  'ETCD_ADVERTISE_CLIENT_URLS',
];
const listeners = [
  'ETCD_LISTEN_PEER_URLS',
  'ETCD_LISTEN_CLIENT_URLS',
  'ETCD_INITIAL_ADVERTISE_PEER_URLS',
];

test(
  'to http: any member can dial it, so all move at once, one by one',
  plans,
  plain,
  plain.before,
  [
    ...moved('etcd02', 'http', listeners),
    ...moved('etcd03', 'http', listeners),
    ...moved('etcd01', 'http', listeners),
  ],
);

/** Every member in the window, dialled and listening as told. */
function inWindow(
  peers: Readonly<Record<string, 'http' | 'https'>>,
  served = serving(),
): SeenFacts {
  const window = secure.desired.window(new Map(Object.entries(peers)), served);
  return window.members.reduce(
    (facts, { name, peerUrl }) => listedAs(runningAs(facts, name, window), name, peerUrl),
    secure.before,
  );
}

const ALL_HTTP = { etcd01: 'http', etcd02: 'http', etcd03: 'http' } as const;
const ALL_HTTPS = { etcd01: 'https', etcd02: 'https', etcd03: 'https' } as const;

test('in the window nothing is left but to finish', plans, secure, inWindow(ALL_HTTPS), []);

test(
  'finish ends http on each member',
  plans,
  secure,
  inWindow(ALL_HTTPS),
  [...ended('etcd02', 'http'), ...ended('etcd03', 'http'), ...ended('etcd01', 'http')],
  { finish: true },
);

test('advertise puts the new protocol into the member list, and says what its followers meet', (t) => {
  const wishes = { ...NO_WISHES, advertise: true };
  const { notes, ...plan } = planSwitch(secure.desired, inWindow(ALL_HTTPS), wishes);
  const shown = (name: string) =>
    change(`advertise https on ${name}`, name, differing(['ETCD_ADVERTISE_CLIENT_URLS']));
  t.deepEqual(outline(plan), [...shown('etcd02'), ...shown('etcd03'), ...shown('etcd01')]);
  t.deepEqual(notes, [
    'while members restart one by one, followers of the member list may see both http and https URLs for about 15 s, then https alone: have clients on http stop following it before; start https followers afterwards',
  ]);
  t.deepEqual(planSwitch(secure.desired, inWindow(ALL_HTTPS, serving(['https'])), wishes), {
    cluster: 'prod',
    waves: [],
    refusals: [],
  });
});

test(
  'what is advertised stays as it is without being asked for',
  plans,
  secure,
  inWindow(ALL_HTTPS, serving(['https'])),
  [],
);

test(
  'a stage that the former version began at one port, both advertised, stays as it is',
  plans,
  secure,
  inWindow(ALL_HTTPS, serving(['http', 'https'], 2379)),
  [],
);

test(
  'it is finished like any other',
  plans,
  secure,
  inWindow(ALL_HTTPS, serving(['http', 'https'], 2379)),
  [...ended('etcd02', 'http'), ...ended('etcd03', 'http'), ...ended('etcd01', 'http')],
  { finish: true },
);

const staying = { window: 10, accepted: ['198.18.0.1'] };
const closed = (name: string) =>
  change(`close port 2378 on ${name}`, name, differing(['ETCD_LISTEN_CLIENT_URLS']));
const watched = [
  'see who uses port 2378 alone',
  '  here:',
  '    watch-port (a client that knows only this port would be cut off)',
];

test(
  'finish keeps the port of the stage open until nobody was seen at it alone',
  plans,
  secure,
  inWindow(ALL_HTTPS, serving(['https'])),
  [
    ...NAMES.toSorted((a, b) => order(a) - order(b)).flatMap((name) =>
      change(`end http on ${name}`, name, differing(CLIENT)),
    ),
    ...watched,
    ...[...closed('etcd02'), ...closed('etcd03'), ...closed('etcd01')],
  ],
  { finish: true, staying },
);

/** As it is left while somebody stays there. */
const half = [...['etcd01', 'etcd02', 'etcd03']].reduce(
  (facts, name) => runningAs(facts, name, secure.desired.withPort(2378)),
  inWindow(ALL_HTTPS),
);

test(
  'a port that is left is closed by finish',
  plans,
  secure,
  half,
  [...closed('etcd02'), ...closed('etcd03'), ...closed('etcd01')],
  { finish: true },
);
test('a port that is left stays without it', plans, secure, half, []);
test(
  'a port that is left is in the way of the opposite',
  plans,
  plain,
  half,
  NAMES.map(
    (name) =>
      `refused: ${name}: port 2378 still serves https, from a switch to https that is not finished | next: finish it first: provision migrate INVENTORY --to https --finish`,
  ),
);

test(
  'a member that has finished is not opened again for the others',
  plans,
  secure,
  runningAs(inWindow(ALL_HTTPS), 'etcd02', secure.desired.target),
  [...ended('etcd03', 'http'), ...ended('etcd01', 'http')],
  { finish: true },
);

/** The leader comes last. */
function order(name: string): number {
  return name === 'etcd01' ? 1 : 0;
}

const { target } = secure.desired;
const finished = target.members.reduce(
  (facts, { name, peerUrl }) => listedAs(runningAs(facts, name, target), name, peerUrl),
  secure.before,
);

test('what is finished is not opened again', plans, secure, finished, []);

test(
  'a member that others dial in vain, left by a kill, comes first although it leads',
  plans,
  secure,
  listedAs(inWindow(ALL_HTTP), 'etcd01', 'https://198.18.0.11:2380'),
  [
    ...change('make etcd01 able to speak https', 'etcd01', differing(PEER)),
    ...[...moved('etcd02', 'https'), ...moved('etcd03', 'https')],
  ],
);

test(
  'the opposite target takes a move back that no listener has followed yet',
  plans,
  plain,
  listedAs(
    NAMES.reduce(
      (facts, name) =>
        runningAs(facts, name, plain.desired.window(new Map([[name, 'http']]), serving())),
      inWindow(ALL_HTTP),
    ),
    'etcd02',
    'https://198.18.0.12:2380',
  ),
  [
    'move etcd02 to http among members',
    '  before etcd01 etcd03',
    ...['  etcd02:', `    ${dialled('https://198.18.0.12:2380')}`],
    ...['  or back:', '  etcd02:', '    update-peer-urls (the change failed)'],
    '  gate etcd01 etcd02 etcd03',
  ],
);

test(
  'a member that does not run is started, before others are touched',
  plans,
  secure,
  but(inWindow({ ...ALL_HTTPS, etcd01: 'http' }), 'etcd02', stopped),
  [
    'make etcd02 able to speak https',
    '  before etcd01 etcd03',
    '  etcd02:',
    '    yield-leadership (a leader that stops costs an election)',
    '    restart-unit (it does not run)',
    '    await-ready (the next member may only stop when this one is back)',
    '  gate etcd01 etcd02 etcd03',
    ...moved('etcd01', 'https'),
  ],
);

const oneNotAnswering = but(inWindow({ ...ALL_HTTP, etcd02: 'https' }), 'etcd02', unheard);
const complaint = 'does not answer a linearizable read (timeout); a live switch needs every member';
const doctor = 'provision doctor INVENTORY says why';

test(
  'a member that does not answer that these waves would not change is refused',
  plans,
  secure,
  oneNotAnswering,
  [`refused: etcd02: ${complaint} | next: ${doctor}`],
);

test('a member that does not answer that the opposite target changes comes first', (t) => {
  const { waves, refusals } = planSwitch(plain.desired, oneNotAnswering, NO_WISHES);
  t.deepEqual(refusals, []);
  t.deepEqual(
    waves.map(({ title }) => title),
    ['move etcd02 to http among members'],
  );
});

const byHand = butAll(
  NAMES.reduce((facts, name) => runningAs(facts, name, target), secure.before),
  unheard,
);

test('members parted by a changed configuration start together by what their data says, then move', (t) => {
  const { waves, refusals } = planSwitch(secure.desired, byHand, NO_WISHES);
  t.deepEqual(refusals, []);
  const [together, ...moves] = waves;
  t.deepEqual(
    outline({
      waves: [together ?? { title: '', lanes: [], gate: [], undo: [] }],
      refusals,
    }),
    [
      'start etcd01, etcd02, etcd03 together',
      '  etcd01 etcd02 etcd03:',
      ...[`    ${DIFFERS}`, `    restart-unit (${differing(allFour)})`],
      '    await-ready (ready means it had quorum once)',
      '  gate etcd01 etcd02 etcd03',
    ],
  );
  t.deepEqual(
    moves.map(({ title }) => title),
    NAMES.map((name) => `move ${name} to https among members`),
  );
});

test(
  'members that nobody hears for another reason are refused',
  plans,
  secure,
  butAll(inWindow(ALL_HTTP), unheard),
  NAMES.map((name) => `refused: ${name}: ${complaint} | next: ${doctor}`),
);
