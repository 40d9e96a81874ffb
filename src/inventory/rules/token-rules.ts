import { readAuthToken, whyBadAuthToken } from '../../etcd/auth-token.ts';
import { type Mistake, mistakeAt } from '../mistake.ts';
import type { Inventory } from '../schema.ts';
import type { Rule } from './rule.ts';

type Etcd = Inventory['etcd'];

const FLAG = 'auth-token';
// With PrivateTmp, PrivateDevices and ProtectProc in the unit, etcd has others of its own there, or none.
const HIDDEN = /^\/(tmp|var\/tmp|dev|proc|sys)\//;

/** What holds for how tokens of users are made. */
export const TOKEN_RULES: readonly Rule[] = [
  {
    // auth/store.go NewTokenProvider: simple, or jwt with a method and keys.
    name: 'tokens of users are simple, or jwt with its options',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const value = etcd.settings[FLAG];
      const why = value === undefined ? undefined : whyBadAuthToken(String(value), etcd.version);
      return why === undefined ? [] : at(why);
    },
  },
  {
    name: 'keys of tokens lie where etcd sees them and they stay',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const options = readAuthToken(String(etcd.settings[FLAG] ?? ''));
      return [options?.publicKey, options?.privateKey].flatMap((file) => {
        const why = file === undefined ? undefined : whyBadPlace(file, etcd);
        return why === undefined ? [] : at(why);
      });
    },
  },
];

function whyBadPlace(file: string, { paths: { conf, data } }: Etcd): string | undefined {
  if (!/^(\/[^/]+)+$/.test(file) || /\/\.{1,2}(\/|$)/.test(file))
    return `names ${file}; a key needs an absolute path, such as /etc/etcd-jwt/private.pem`;
  if (HIDDEN.test(file))
    return `names ${file}, which the unit hides from etcd; put it elsewhere, such as into /etc/etcd-jwt`;
  const moved = [`${conf}/pki`, data].find((directory) => file.startsWith(`${directory}/`));
  return moved === undefined
    ? undefined
    : `names ${file}, but ${moved} is replaced as a whole by provision; put it elsewhere, such as into /etc/etcd-jwt`;
}

function at(complaint: string): readonly Mistake[] {
  const path = ['etcd', 'settings', FLAG];
  return [mistakeAt(path, complaint)];
}
