import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { parseInventory } from '../../src/inventory/parse.ts';

const GOOD = `cluster: prod
etcd: {version: 3.5.33}
members:
  - {name: etcd01, address: 10.0.0.1}
  - {name: etcd02, address: 10.0.0.2}
  - {name: etcd03, address: 10.0.0.3}
`;

function mistakesIn(text: string): readonly string[] {
  try {
    parseInventory(text, 'i.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'usage') throw error;
    const [first = '', ...rest] = error.message.split('\n  ');
    return rest.length === 0 ? [first] : rest;
  }
}

const refused = test.macro((t, text: string, expected: readonly string[]) => {
  t.deepEqual(mistakesIn(text), expected);
});

test('parseInventory: fills in every default', (t) => {
  const { placeOf, ...parsed } = parseInventory(GOOD, 'i.yaml');
  t.is(placeOf(['cluster']), 'i.yaml:1:10');
  t.deepEqual(parsed, {
    warnings: [],
    inventory: {
      cluster: 'prod',
      protocol: 'https',
      etcd: {
        version: '3.5.33',
        source: { release: {} },
        settings: {},
        service: {},
        ports: { client: 2379, peer: 2380 },
        paths: { bin: '/opt/etcd', conf: '/etc/etcd', data: '/var/lib/etcd' },
        user: 'etcd',
        unit: 'etcd',
      },
      ssh: {},
      pki: {
        key: { algo: 'ecdsa', size: 256 },
        keys: 'store',
        subject: {},
        expiry: { ca: 87_600, leaf: 8_760 },
        sans: [],
      },
      snapshots: { hostDirectory: '/var/lib/provision/snapshots' },
      clients: [],
      consumers: [],
      members: ['1', '2', '3'].map((n) => ({
        name: `etcd0${n}`,
        address: `10.0.0.${n}`,
        addresses: [],
        settings: {},
        ssh: {},
      })),
    },
  });
});

test('parseInventory: reads Windows line ends and a byte order mark', (t) => {
  const text = `\uFEFF${GOOD.replaceAll('\n', '\r\n')}`;
  const { placeOf: _, ...parsed } = parseInventory(text, 'i.yaml');
  const { placeOf: __, ...good } = parseInventory(GOOD, 'i.yaml');
  t.deepEqual(parsed, good);
});

test(
  'parseInventory: points at misspelt keys and values and names what was meant',
  refused,
  `clutser: prod
protocol: htps
etcd: {version: 3.5.33, setings: {a: 1}, source: {relase: {}}}
ssh: {usr: root}
pki: {key: {algo: ecdas}}
members:
  - {name: etcd01, adress: 10.0.0.1}
`,
  [
    'i.yaml:1:1: unknown key clutser; did you mean cluster?',
    'i.yaml:2:11: protocol must be http or https, not "htps"; did you mean https?',
    'i.yaml:3:25: unknown key etcd.setings; did you mean settings?',
    'i.yaml:3:51: unknown key etcd.source.relase; did you mean release?',
    'i.yaml:4:7: unknown key ssh.usr; did you mean user?',
    'i.yaml:5:19: pki.key.algo must be ecdsa or rsa, not "ecdas"; did you mean ecdsa?',
    'i.yaml:7:20: unknown key members[0].adress; did you mean address?',
  ],
);

test(
  'parseInventory: shows the choice where nothing is near',
  refused,
  GOOD.replace('members:', 'pki: {subject: {country: CN}}\nmembers:'),
  ['i.yaml:3:17: unknown key pki.subject.country (known: C, ST, L, O, OU)'],
);

test(
  'parseInventory: reports what rules find beside what the schema finds',
  refused,
  `cluster: prod
nonsense: 1
etcd: {version: 3.5.33, settings: {name: x, log-level: [], max-learners: 2}}
members:
  - {name: etcd01, address: 10.0.0.1}
  - {name: "a;b", address: 10.0.0.1}
  - {name: etcd01, address: 10.0.0.3}
`,
  [
    'i.yaml:2:1: unknown key nonsense (known: cluster, protocol, adopted, etcd, ssh, pki, snapshots, members, clients, consumers)',
    'i.yaml:3:36: etcd.settings.name cannot be set: name comes from members[].name',
    'i.yaml:3:56: etcd.settings.log-level must be text or a number or true or false, not []',
    'i.yaml:3:60: etcd.settings.max-learners is not a flag of etcd 3.5.33: it came with 3.6',
    'i.yaml:6:12: members[1].name must use a-z, 0-9 and inner hyphens only, not "a;b"',
    'i.yaml:6:28: members[1].address: "10.0.0.1" is taken by members[0].address, line 5',
    'i.yaml:7:12: members[2].name: "etcd01" is taken by members[0].name, line 5',
  ],
);

test(
  'parseInventory: judges no flag by a version it could not read',
  refused,
  GOOD.replace('version: 3.5.33', 'version: 3.5, settings: {max-learners: 2}'),
  ['i.yaml:2:17: etcd.version must be a full version such as 3.5.30, not "3.5"'],
);

test(
  'parseInventory: shows a number where text is meant as it is written, and asks for quotes',
  refused,
  `cluster: 1e3
etcd: {version: 3.10, user: 0x1F, source: {installed: 7}}
pki: {store: 2024}
members:
  - {name: 01, address: 10.0.0.1}
  - {name: "02", address: 10.0.0.2}
  - {name: true, address: 10.0.0.3}
`,
  [
    'i.yaml:1:10: cluster must be text, and without quotes YAML takes 1e3 for a number: write "1e3"',
    'i.yaml:2:17: etcd.version must be a full version such as 3.5.30, not "3.10"',
    'i.yaml:2:29: etcd.user must be a Unix account name, not "0x1F"',
    'i.yaml:2:55: etcd.source.installed must be text, not 7',
    'i.yaml:3:14: pki.store must be text, and without quotes YAML takes 2024 for a number: write "2024"',
    'i.yaml:5:12: members[0].name must be text, and without quotes YAML takes 01 for a number: write "01"',
    'i.yaml:7:12: members[2].name must be text, and without quotes YAML takes true for a boolean: write "true"',
  ],
);

test(
  'parseInventory: says what is missing',
  refused,
  'cluster: prod\netcd: {}\nmembers:\n  - name: etcd01\n',
  ['i.yaml:2:1: etcd.version is missing', 'i.yaml:4:5: members[0].address is missing'],
);

test('parseInventory: refuses an empty file', refused, '', ['i.yaml:1:1: the inventory is empty']);

test('parseInventory: refuses a list', refused, '- a\n', [
  'i.yaml:1:1: inventory must be a mapping, not ["a"]',
]);

test('parseInventory: refuses what is not YAML', refused, 'cluster: [prod\netcd: }\n', [
  'i.yaml:2:1: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  'i.yaml:2:7: not YAML: Unexpected flow-map-end token in YAML stream: "}"',
]);

test(
  'parseInventory: refuses everything YAML has beyond plain values',
  refused,
  `%YAML 1.1
---
cluster: &name prod
members: *name
<<: {a: 1}
etcd: !!js/function "x"
__proto__: {}
constructor: 1
cluster: again
? [a]
: 1
---
second: document
`,
  [
    'i.yaml:1:1: a %YAML directive; leave it out',
    'i.yaml:3:16: an anchor (&name); leave it out',
    'i.yaml:4:10: an alias (*name); write the value out',
    'i.yaml:5:1: a merge key (<<); write the values out',
    'i.yaml:6:21: a tag (tag:yaml.org,2002:js/function); plain values only',
    'i.yaml:7:1: the key __proto__ is refused',
    'i.yaml:8:1: the key constructor is refused',
    'i.yaml:9:1: the key "cluster" stands here twice',
    'i.yaml:10:3: a key that is not plain text',
    'i.yaml:12:1: a second YAML document; an inventory is one',
  ],
);

test(
  'parseInventory: refuses tabs where they could be meant as blanks',
  refused,
  'cluster:\tprod\n',
  ['i.yaml:1:9: a tab; YAML is indented by spaces'],
);

test(
  'parseInventory: leaves a tab in a comment alone',
  refused,
  GOOD.replace('cluster: prod', 'cluster: prod #\ta comment'),
  [],
);

// Nine levels of nine aliases: 3.9e8 values, were they followed.
const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...[...'bcdefghi'].map((name, at) => {
    const above = 'abcdefghi'[at];
    return `${name}: &${name} [${Array(9).fill(`*${above}`).join(', ')}]`;
  }),
].join('\n');

test('parseInventory: follows no alias of a bomb', (t) => {
  const mistakes = mistakesIn(BOMB);
  t.is(mistakes.length, 51);
  t.is(mistakes[0], 'i.yaml:1:7: an anchor (&a); leave it out');
  t.is(mistakes[50], 'and 31 more');
});

const bounded = test.macro((t, text: string, expected: string) => {
  t.deepEqual(mistakesIn(text), [expected]);
});

const TOO_DEEP = 'nested too deeply for an inventory';
test(
  'parseInventory: gives up on 2^20 brackets',
  bounded,
  '['.repeat(2 ** 20),
  `i.yaml:1:65: ${TOO_DEEP}`,
);
test(
  'parseInventory: gives up on 2^18 open mappings',
  bounded,
  '{a: '.repeat(2 ** 18),
  `i.yaml:1:254: ${TOO_DEEP}`,
);
test(
  'parseInventory: gives up on 2^19 nested lists',
  bounded,
  '- '.repeat(2 ** 19),
  `i.yaml:1:128: ${TOO_DEEP}`,
);
test(
  'parseInventory: gives up on 2^18 equal keys',
  bounded,
  'a1:\n'.repeat(2 ** 18),
  'i.yaml:12501:1: too long for an inventory',
);

test(
  'parseInventory: shows no control character of a value as it is',
  refused,
  GOOD.replace('prod', '"\\e[31mred\\n"'),
  ['i.yaml:1:10: cluster must use a-z, 0-9 and inner hyphens only, not "\\u001b[31mred\\n"'],
);

for (const [members, mistakes] of [
  [
    '[a1, a2]',
    [
      'i.yaml:3:11: members[0] must be a mapping, not "a1"',
      'i.yaml:3:15: members[1] must be a mapping, not "a2"',
    ],
  ],
  ['[]', ['i.yaml:3:10: members must be at least 1 long']],
  ['{a1: 198.18.0.1}', ['i.yaml:3:10: members must be a list, not {"a1":"198.18.0.1"}']],
] as const)
  test(
    `parseInventory: refuses members: ${members}`,
    refused,
    `cluster: prod\netcd: {version: 3.5.33}\nmembers: ${members}\n`,
    mistakes,
  );

test(
  'parseInventory: shows characters that nobody sees',
  refused,
  GOOD.replace('prod', 'prod\u00a0\u200b\u202e'),
  [
    'i.yaml:1:10: cluster must use a-z, 0-9 and inner hyphens only, not "prod\\u00a0\\u200b\\u202e"',
  ],
);

test('parseInventory: refuses a carriage return alone', refused, 'cluster: a\rb\n', [
  'i.yaml:1:11: a control character ("\\r")',
]);

test(
  'parseInventory: refuses 2^20 carriage returns',
  bounded,
  '\r'.repeat(2 ** 20),
  'i.yaml:1:1: a control character ("\\r")',
);

test('parseInventory: refuses an escape sequence', refused, `${GOOD}# \u001b[31m\n`, [
  'i.yaml:7:3: a control character ("\\u001b")',
]);

const ADOPTED = (name: string, adopted: string) =>
  `cluster: c\n${adopted}etcd: { version: 3.5.33 }\nprotocol: http\nmembers: [{ name: ${name}, address: 10.0.0.1 }]\n`;

for (const name of ['Infra1.lager.example', 'etcd_1', 'ETCD'])
  test(`parseInventory() takes the member name ${name} in an adopted cluster only`, (t) => {
    const { inventory } = parseInventory(ADOPTED(name, 'adopted: { clusterId: "1a" }\n'), 'i.yaml');
    t.is(inventory.members[0]?.name, name);
    const error = t.throws(() => parseInventory(ADOPTED(name, ''), 'i.yaml'));
    t.is(
      error?.message,
      `i.yaml:4:19: members[0].name must use a-z, 0-9 and inner hyphens only, not "${name}"`,
    );
  });

for (const name of ['../x', 'a/b', 'x.crt', '.hidden', 'a b', '-a', "a'b"])
  test(`parseInventory() takes no member name ${name}, adopted or not`, (t) => {
    const text = ADOPTED(JSON.stringify(name), 'adopted: { clusterId: "1a" }\n');
    t.throws(() => parseInventory(text, 'i.yaml'), { message: /members\[0\]\.name must use/ });
  });
