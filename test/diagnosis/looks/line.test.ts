import test from 'ava';
import {
  isRejectedStranger,
  isTelling,
  levelOf,
  readJournal,
  timeOf,
} from '../../../src/diagnosis/looks/line.ts';

const MEMBERS = ['10.0.0.1', 'fd00::2'];

const heard = test.macro((t, line: string, isHeard: boolean) => {
  t.is(isRejectedStranger(line, MEMBERS), !isHeard);
});

test(
  'isRejectedStranger(): a client that speaks http to https (3.5.24 and later)',
  heard,
  '{"msg":"rejected connection on client endpoint","remote-addr":"10.0.0.1:58116","error":"tls: first record does not look like a TLS handshake"}',
  false,
);
test(
  'isRejectedStranger(): a client of other versions, which is not a member',
  heard,
  '{"msg":"rejected connection","remote-addr":"10.0.0.9:58116","error":"tls: first record does not look like a TLS handshake"}',
  false,
);
test(
  'isRejectedStranger(): a client of 3.3, which is not a member',
  heard,
  'rejected connection from "10.0.0.9:58600" (error "remote error: tls: bad certificate", ServerName "")',
  false,
);
test(
  'isRejectedStranger(): not a member',
  heard,
  'rejected connection from "10.0.0.1:58600" (error "remote error: tls: bad certificate", ServerName "")',
  true,
);
test(
  'isRejectedStranger(): not a member with an IPv6 address',
  heard,
  '{"msg":"rejected connection on peer endpoint","remote-addr":"[fd00::2]:44698","error":"remote error: tls: bad certificate"}',
  true,
);
test(
  'isRejectedStranger(): nothing else',
  heard,
  '{"msg":"failed to open database","error":"no space left on device"}',
  true,
);

test('readJournal() gives the oldest line first, each with its time and its start; messages that are bytes too', (t) => {
  const entry = (time: string, message: unknown, more: object = {}) =>
    JSON.stringify({ __REALTIME_TIMESTAMP: time, MESSAGE: message, ...more });
  t.deepEqual(
    readJournal([
      entry('1764080189250000', 'Failed at step EXEC', { INVOCATION_ID: 'b' }),
      entry('1764080188000000', [104, 105], { _SYSTEMD_INVOCATION_ID: 'a' }),
      entry('1764080187500000', 'two\nlines\n'),
      '{"cut short',
      '',
    ]),
    [
      { at: 1764080187.5, text: 'two', start: undefined },
      { at: 1764080187.5, text: 'lines', start: undefined },
      { at: 1764080188, text: 'hi', start: 'a' },
      { at: 1764080189.25, text: 'Failed at step EXEC', start: 'b' },
    ],
  );
});

test('readJournal() counts the last words of a process that journald never saw alive to the start before them', (t) => {
  const entry = (time: number, message: string, more: object = {}) =>
    JSON.stringify({ __REALTIME_TIMESTAMP: `${time}000000`, MESSAGE: message, ...more });
  const lines = readJournal(
    [
      entry(1, 'Starting', { INVOCATION_ID: 'a' }),
      entry(2, 'bind: address already in use', { _SYSTEMD_UNIT: 'etcd.service' }),
      entry(3, 'Main process exited', { INVOCATION_ID: 'a' }),
      entry(8, 'Starting', { INVOCATION_ID: 'b' }),
      entry(9, 'bind: address already in use', { _SYSTEMD_UNIT: 'etcd.service' }),
    ].toReversed(),
  );
  t.deepEqual(
    lines.map(({ start }) => start),
    ['a', 'a', 'a', 'b', 'b'],
  );
});

test('levelOf() and timeOf() read the lines of zap and those of 3.3', (t) => {
  const zap =
    '{"level":"panic","ts":"2026-11-26T12:36:12.068987Z","msg":"failed to open database"}';
  const old = '2026-11-26 12:36:12.500000 C | etcdmain: cannot access data directory';
  t.deepEqual([levelOf(zap), levelOf(old), levelOf('panic: x')], ['panic', 'fatal', undefined]);
  t.is(timeOf(zap), Date.parse('2026-11-26T12:36:12.068Z') / 1000);
  t.is(timeOf(old), Date.parse('2026-11-26T12:36:12.500Z') / 1000);
  t.is(timeOf('panic: x'), undefined);
  t.is(
    timeOf('{"level":"warn","ts":"2026-11-26T14:36:12.000+0200"}'),
    Date.parse('2026-11-26T12:36:12Z') / 1000,
  );
});

test('isTelling() passes over the course of things and stack traces', (t) => {
  const lines = [
    '{"level":"info","msg":"starting"}',
    '{"level":"warn","msg":"simple token is not cryptographically signed"}',
    'goroutine 135 [running]:',
    'go.uber.org/zap.(*Logger).Panic(0xc0002a6360?, {0x124d6ca?, 0x180?}, {0xc0002aef80, 0x2, 0x2})',
    '        go.uber.org/zap/logger.go:284 +0x4b',
    'created by go.etcd.io/etcd/server/etcdserver.openBackend in goroutine 1',
    'Starting etcd.service - etcd, member a of cluster b...',
  ];
  t.deepEqual(lines.filter(isTelling), []);
  t.true(isTelling('panic: failed to open database'));
  t.true(isTelling('etcd.service: Main process exited, code=exited, status=2/INVALIDARGUMENT'));
  t.true(isTelling('{"level":"fatal","msg":"discovery failed","error":"walpb: crc mismatch"}'));
});
