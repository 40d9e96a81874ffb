import { CIPHER_SUITES, whyCiphersUnfit } from '../../etcd/cipher-suites.ts';
import { rowOrLast } from '../../etcd/versions.ts';
import { suggestion } from '../nearest.ts';
import type { Inventory } from '../schema.ts';
import { at } from './etcd-settings.ts';
import type { Rule } from './rule.ts';

type Etcd = Inventory['etcd'];

/** What holds between etcd's settings of TLS and the keys of the members. */
export const TLS_RULES: readonly Rule[] = [
  {
    // embed/config.go: "cipher suites cannot be configured when only TLS1.3 is enabled".
    name: 'TLS versions leave something to agree on',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      if (setting(etcd, 'tls-min-version') !== 'TLS1.3') return [];
      if (setting(etcd, 'tls-max-version') === 'TLS1.2') {
        return at('tls-max-version', 'TLS1.2 is below tls-min-version TLS1.3');
      }
      return 'cipher-suites' in etcd.settings
        ? at('cipher-suites', 'mean nothing with tls-min-version TLS1.3; etcd would not start')
        : [];
    },
  },
  {
    name: 'cipher suites serve HTTP/2 and the keys of the members',
    level: 'error',
    check: ({ inventory: { etcd, pki } }) => {
      const list = setting(etcd, 'cipher-suites')?.split(',');
      if (list === undefined || setting(etcd, 'tls-min-version') === 'TLS1.3') return [];
      const hasTls13 =
        rowOrLast(etcd.version).hasTls13 && setting(etcd, 'tls-max-version') !== 'TLS1.2';
      const why = whyCiphersUnfit(list, { version: etcd.version, hasTls13, key: pki.key.algo });
      if (why === undefined) return [];
      const { how, unknown } = why;
      const hint = unknown === undefined ? '' : suggestion(asGoNames(unknown), CIPHER_SUITES);
      return at('cipher-suites', how + hint);
    },
  },
];

// OpenSSL's ECDHE-RSA-AES128-GCM-SHA256 is Go's TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
function asGoNames(suite: string): string {
  const name = suite
    .replaceAll('-', '_')
    .replace(/AES(\d)/, 'AES_$1')
    .replace(/^TLS_/, '');
  return `TLS_${name.replace(/^((?:ECDHE_)?(?:RSA|ECDSA))_(?!WITH)/, '$1_WITH_')}`;
}

function setting({ settings }: Etcd, name: string): string | undefined {
  return settings[name] === undefined ? undefined : String(settings[name]);
}
