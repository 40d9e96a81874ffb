import test from 'ava';
import { readRejections } from '../../../src/facts/clients/rejections.ts';

const SINCE = Date.parse('2026-11-26T13:00:00Z') / 1000;

const zap = (address: string, error: string, at = '2026-11-26T13:00:05.123Z', where = '') =>
  JSON.stringify({
    ...{ level: 'warn', ts: at, caller: 'embed/config_logging.go:169' },
    ...{ msg: `rejected connection${where}`, 'remote-addr': address, 'server-name': '', error },
  });
const UNKNOWN =
  'tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "prod-ca")';

test('readRejections() tells which side does not know the CA of the other, each client once', (t) => {
  const text = [
    zap('198.18.0.9:40000', 'remote error: tls: bad certificate'),
    zap('198.18.0.9:40001', 'remote error: tls: unknown certificate authority'),
    zap('[fd00::9]:40002', UNKNOWN, undefined, ' on client endpoint'),
    zap('[::ffff:198.18.0.8]:40002', 'remote error: tls: unknown certificate'),
    'rejected connection from "198.18.0.7:1234" (error "tls: failed to verify client\'s certificate: x509: certificate signed by unknown authority", ServerName "")',
  ].join('\n');
  t.deepEqual(readRejections(text, SINCE), [
    { address: '198.18.0.7', why: 'the member distrusts the client' },
    { address: '198.18.0.8', why: 'the client distrusts the member' },
    { address: '198.18.0.9', why: 'the client distrusts the member' },
    { address: 'fd00::9', why: 'the member distrusts the client' },
  ]);
});

test('readRejections() knows the alert of an OpenSSL client by TLS 1.3, which Go cannot read', (t) => {
  const text = zap(
    '198.18.5.1:51842',
    'local error: tls: bad record MAC',
    undefined,
    ' on client endpoint',
  );
  t.deepEqual(readRejections(text, SINCE), [
    { address: '198.18.5.1', why: 'the client distrusts the member' },
  ]);
});

test('readRejections() passes over what has other reasons, older lines and lines of others', (t) => {
  const text = [
    zap('198.18.0.9:40000', 'EOF'),
    zap('198.18.0.9:40000', "tls: client didn't provide a certificate"),
    zap('198.18.0.9:40000', UNKNOWN, undefined, ' on peer endpoint'),
    zap('198.18.0.9:40000', 'remote error: tls: bad certificate', '2026-11-26T12:59:59.000Z'),
    '{"msg":"slow","remote-addr":"198.18.0.9:1","error":"remote error: tls: bad certificate"}',
    '',
  ].join('\n');
  t.deepEqual(readRejections(text, SINCE), []);
});
