import { whyBadName } from '../../pki/names.ts';
import { shown } from '../mistake.ts';
import { nameOf } from '../path.ts';
import type { Rule } from './rule.ts';

/** What a store keeps beside the directories of members. */
const STORE_DIRECTORIES = /^(peer-ca|next-ca|previous-ca|retired-ca-.*)$/;

/** What holds for the certificates. */
export const PKI_RULES: readonly Rule[] = [
  {
    name: 'certificates carry names that clients accept',
    level: 'error',
    check: ({ inventory: { pki } }) =>
      pki.sans.flatMap((name, index) => {
        const path = ['pki', 'sans', index];
        const why = whyBadName(name);
        return why === undefined
          ? []
          : [{ path, message: `${nameOf(path)} ${shown(name)} ${why}` }];
      }),
  },
  {
    name: 'a certificate does not outlive its CA',
    level: 'warning',
    check: ({ inventory: { pki } }) =>
      pki.expiry.leaf > pki.expiry.ca
        ? [
            {
              path: ['pki', 'expiry', 'leaf'],
              message: `pki.expiry.leaf ${pki.expiry.leaf}h is more than pki.expiry.ca ${pki.expiry.ca}h; certificates will end with their CA`,
            },
          ]
        : [],
  },
  {
    name: 'members are not called like a directory of the PKI store',
    level: 'error',
    check: ({ inventory: { members } }) =>
      members.flatMap(({ name }, index) => {
        const path = ['members', index, 'name'];
        return STORE_DIRECTORIES.test(name)
          ? [{ path, message: `${nameOf(path)} ${shown(name)} is a directory of the PKI store` }]
          : [];
      }),
  },
  {
    name: 'http has no certificates',
    level: 'warning',
    check: ({ inventory: { protocol }, given }) =>
      protocol === 'http' && given(['pki'])
        ? [{ path: ['pki'], atKey: true, message: 'pki is not used with protocol: http' }]
        : [],
  },
];
