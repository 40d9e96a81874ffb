import test from 'ava';
import { readSerial } from '../../../src/pki/encoding/serial.ts';

for (const text of ['a12', '0A12', '0a12', '0:0A:12', '00:0a:12', '0x0A12', '0Xa12', ' 0A 12 '])
  test(`readSerial: ${JSON.stringify(text)} is the number a12`, (t) => {
    t.is(readSerial(text), 'a12');
  });

test('readSerial: takes numbers of twenty octets, and no longer ones', (t) => {
  const most = 'f'.repeat(40);
  t.is(readSerial(most), most);
  t.is(readSerial(`00${most}`), most);
  t.is(readSerial(`1${most}`), undefined);
  t.is(readSerial('0000'), '0');
});

for (const text of ['', '0x', 'g1', '-1', '1.5', 'a1;b2', '0x0x1'])
  test(`readSerial: ${JSON.stringify(text)} is not one`, (t) => {
    t.is(readSerial(text), undefined);
  });
