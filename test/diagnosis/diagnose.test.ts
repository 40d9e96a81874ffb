import test from 'ava';
import { withoutStrangers } from '../../src/diagnosis/diagnose.ts';

const MEMBERS = ['10.0.0.1', 'fd00::2'];

const heard = test.macro((t, line: string, isHeard: boolean) => {
  const symptoms = { name: 'etcd01', state: 'active', clockAhead: 0, journal: [line] };
  t.deepEqual(withoutStrangers(symptoms, MEMBERS).journal, isHeard ? [line] : []);
});

test(
  'withoutStrangers() passes over a client that speaks http to https (3.5.24 and later)',
  heard,
  '{"msg":"rejected connection on client endpoint","remote-addr":"10.0.0.1:58116","error":"tls: first record does not look like a TLS handshake"}',
  false,
);
test(
  'withoutStrangers() passes over a client of other versions, which is no member',
  heard,
  '{"msg":"rejected connection","remote-addr":"10.0.0.9:58116","error":"tls: first record does not look like a TLS handshake"}',
  false,
);
test(
  'withoutStrangers() passes over a client of 3.3, which is no member',
  heard,
  'rejected connection from "10.0.0.9:58600" (error "remote error: tls: bad certificate", ServerName "")',
  false,
);
test(
  'withoutStrangers() hears what a member is rejected for',
  heard,
  'rejected connection from "10.0.0.1:58600" (error "remote error: tls: bad certificate", ServerName "")',
  true,
);
test(
  'withoutStrangers() hears what a member with an IPv6 address is rejected for',
  heard,
  '{"msg":"rejected connection on peer endpoint","remote-addr":"[fd00::2]:44698","error":"remote error: tls: bad certificate"}',
  true,
);
test(
  'withoutStrangers() hears everything else',
  heard,
  '{"msg":"failed to open database","error":"no space left on device"}',
  true,
);

test('withoutStrangers() does not tell members from strangers where members have names', (t) => {
  const journal = ['rejected connection from "10.0.0.9:58600" (error "x", ServerName "")'];
  const symptoms = { name: 'etcd01', state: 'active', clockAhead: 0, journal };
  t.deepEqual(withoutStrangers(symptoms, ['etcd02.example.com']).journal, journal);
});
