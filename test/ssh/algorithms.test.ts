import test from 'ava';
import { algorithms } from '../../src/ssh/algorithms.ts';

test('algorithms() offers nothing that is weak or cut by Terrapin', (t) => {
  t.deepEqual(algorithms([]), {
    kex: [
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
      'diffie-hellman-group-exchange-sha256',
      'diffie-hellman-group14-sha256',
      'diffie-hellman-group16-sha512',
      'diffie-hellman-group18-sha512',
    ],
    cipher: [
      'aes128-gcm@openssh.com',
      'aes256-gcm@openssh.com',
      'aes128-ctr',
      'aes192-ctr',
      'aes256-ctr',
    ],
    hmac: ['hmac-sha2-256', 'hmac-sha2-512'],
    compress: ['none'],
    serverHostKey: [
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ],
  });
});

test('algorithms() asks first for the host keys that are known', (t) => {
  t.deepEqual(algorithms(['ssh-rsa', 'ecdsa-sha2-nistp384']).serverHostKey, [
    'ecdsa-sha2-nistp384',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp521',
  ]);
});

test('algorithms() does not ask for host keys it shall not have', (t) => {
  t.deepEqual(algorithms([], ['ssh-ed25519', 'ssh-rsa']).serverHostKey, [
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ]);
});
