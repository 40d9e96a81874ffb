import test from 'ava';
import fc from 'fast-check';
import { encode } from '../../src/pki/encoding/der.ts';
import { decode } from '../../src/pki/encoding/der-read.ts';
import { generalNames, readGeneralNames } from '../../src/pki/encoding/general-names.ts';
import { canonicalName, canonicalNames, distinctNames, whyBadName } from '../../src/pki/names.ts';

for (const name of [
  '10.0.0.5',
  '::1',
  '2001:DB8::1',
  'etcd01',
  'localhost',
  'etcd0-0.etcd',
  '*.etcd',
  '*.etcd.svc',
  '*.etcd-cluster.ns.svc.cluster.local',
  'UPPER.example',
  'patroni_1.db',
]) {
  test(`whyBadName() accepts ${name}`, (t) => t.is(whyBadName(name), undefined));
}

for (const [name, why] of [
  ['', 'is empty'],
  ['*', 'is a bare *, which no client accepts; write *.some.domain'],
  ['*.', 'ends in a dot, which no client matches'],
  ['*.*.etcd', 'may hold one *, alone in its first label'],
  ['etcd*.svc', 'may hold one *, alone in its first label'],
  ['a.*.svc', 'may hold one *, alone in its first label'],
  ['a b', 'holds a blank or control character'],
  ['a\nb', 'holds a blank or control character'],
  ['https://a', 'is a URL; write its host only'],
  ['10.0.0.0/8', 'holds a slash; names are single addresses, not networks or paths'],
  ['fe80::1%eth0', 'holds %; a zone is not part of a certificate'],
  ['etcd01:2379', 'is no IPv6 address, nor may a name carry a port or brackets'],
  ['[::1]', 'is no IPv6 address, nor may a name carry a port or brackets'],
  ['10.0.0.256', 'looks like an IPv4 address but is none'],
  ['10.0.0', 'looks like an IPv4 address but is none'],
  ['etcd.svc.', 'ends in a dot, which no client matches'],
  ['a..b', 'holds an empty label'],
  ['-rf', 'holds "-rf", which is no DNS label'],
  ['$(id)', 'holds "$(id)", which is no DNS label'],
  ['北京.cn', 'is not ASCII; write its punycode form (xn--…)'],
  ['a'.repeat(64), 'holds a label longer than 63 characters'],
  [`${'a.'.repeat(127)}a`, 'is longer than 253 characters'],
] as const) {
  test(`whyBadName() refuses ${JSON.stringify(name.slice(0, 30))}`, (t) =>
    t.is(whyBadName(name), why));
}

test('canonicalName() gives addresses and DNS names one spelling', (t) => {
  t.deepEqual(
    [
      '2001:DB8:0:0::1',
      '::ffff:10.0.0.5',
      '10.0.0.5',
      '0:0:0:0:0:0:0:1',
      'ETCD01',
      '::ffff:a00:5',
    ].map(canonicalName),
    ['2001:db8::1', '10.0.0.5', '10.0.0.5', '::1', 'etcd01', '10.0.0.5'],
  );
});

test('generalNames() and readGeneralNames() give back every name in its one spelling', (t) => {
  const name = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.domain(),
    fc.domain().map((one) => `*.${one}`),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), (names) => {
      const read = readGeneralNames(decode(encode(generalNames(names))));
      t.deepEqual(read.map(canonicalName), names.map(canonicalName));
    }),
  );
});

test('canonicalNames() drops what is named twice', (t) => {
  t.deepEqual(canonicalNames(['::1', 'A', '0::1', 'a', 'b']), ['::1', 'a', 'b']);
});

test('distinctNames() folds names that mean the same, however they are written', (t) => {
  t.deepEqual(
    distinctNames([
      ...[
        '10.0.0.1',
        'etcd-a',
        '10.0.0.1',
        'ETCD-A',
        'fd00::11',
        'fd00:0:0::11',
        '::ffff:10.0.0.1',
      ],
      ...['a@B', 'a@b', ''],
    ]),
    ['10.0.0.1', 'etcd-a', 'fd00::11', 'a@B', 'a@b', ''],
  );
});
