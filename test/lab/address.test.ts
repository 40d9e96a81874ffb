import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import {
  bridgeAddresses,
  bridgeName,
  cableName,
  checkLabOptions,
  hostAddresses,
  hostNames,
  MOST_HOSTS,
  subnetsFor,
} from '../../src/lab/address.ts';

test('hostAddresses() counts from .11 in the subnet of the lab', (t) => {
  t.deepEqual(hostAddresses(0, 1), {
    address: '198.18.0.11',
    address6: 'fdc6:1800::11',
    mac: '02:c6:12:00:00:0b',
  });
  t.deepEqual(hostAddresses(255, MOST_HOSTS), {
    address: '198.18.255.210',
    address6: 'fdc6:1800:ff::210',
    mac: '02:c6:12:00:ff:d2',
  });
});

test('bridgeAddresses() gives the operator the first address of the same networks', (t) => {
  t.deepEqual(bridgeAddresses(18), { ipv4: '198.18.18.1/24', ipv6: 'fdc6:1800:12::1/64' });
});

test('bridgeName() and cableName() fit the 15 characters of an interface', (t) => {
  t.is(bridgeName(255), 'pvlab255');
  t.is(cableName(255, MOST_HOSTS), 'pvl255h200');
});

test('hostNames() keeps labs whose names end in a digit apart from others', (t) => {
  t.deepEqual(hostNames('lab', 3), ['lab1', 'lab2', 'lab3']);
  t.deepEqual(hostNames('lab1', 2), ['lab1-1', 'lab1-2']);
  const all = [...hostNames('lab', MOST_HOSTS), ...hostNames('lab1', MOST_HOSTS)];
  t.is(new Set(all).size, 2 * MOST_HOSTS);
});

test('subnetsFor() keeps the first subnet for the lab called lab', (t) => {
  t.deepEqual(subnetsFor('lab', new Set([0, 1])), [0]);
  t.deepEqual(subnetsFor('other', new Set([1, 3])).slice(0, 3), [2, 4, 5]);
  t.false(subnetsFor('other', new Set()).includes(0));
});

for (const name of ['', 'Lab', '1lab', 'lab-', '../lab', 'a b', 'a\nb', 'x'.repeat(31)]) {
  test(`checkLabOptions() refuses the name ${JSON.stringify(name)}`, (t) => {
    const error = t.throws(() => checkLabOptions(name, 3), { instanceOf: Failure });
    t.is(error?.message, `a lab cannot be called ${JSON.stringify(name)}`);
  });
}

for (const count of [0, -1, 1.5, Number.NaN, MOST_HOSTS + 1]) {
  test(`checkLabOptions() refuses ${count} hosts`, (t) => {
    const error = t.throws(() => checkLabOptions('lab', count), { instanceOf: Failure });
    t.is(error?.message, `a lab has 1 to 200 hosts, not ${count}`);
  });
}

test('checkLabOptions() accepts what a lab can be', (t) => {
  t.notThrows(() => checkLabOptions('lab', 1));
  t.notThrows(() => checkLabOptions('t4711-ab3z', MOST_HOSTS));
});
