import type { ArgumentsOf } from '../command.ts';
import type { OptionTable } from '../option-table.ts';
import { changeOptions } from '../options/change.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { brakes, list, without } from '../options/members.ts';
import { passphrase } from '../options/passphrase.ts';

const change = {
  ...brakes,
  ...allowDowntime,
  ...passphrase,
  ...yes,
  ...changeOptions,
} as const;

const optionalInventory = {
  inventory: { ...inventory.inventory, demandOption: false },
} as const satisfies OptionTable;

const path = { type: 'string' } as const;
const output = {
  out: { ...path, default: '.', describe: 'directory to write to' },
  name: { ...path, describe: 'what the files are called' },
  overwrite: { type: 'boolean', default: false, describe: 'replace files that are there' },
} as const satisfies OptionTable;

const byRequest = {
  when: 'without --request, which says that itself',
  holds: ({ request }: Record<string, unknown>) => request === undefined,
};

export const certsIssueOptions = {
  ...optionalInventory,
  profile: {
    ...path,
    describe: 'client (default), server or peer; with --config one of its profiles',
  },
  cn: { ...path, describe: 'common name; etcd takes it for the user name', only: byRequest },
  org: { ...list, describe: 'organisation; Kubernetes takes it for the group', only: byRequest },
  host: {
    ...list,
    describe: 'address or DNS name it is reached at; *.domain covers one label',
    only: byRequest,
  },
  service: {
    ...path,
    describe: 'SERVICE.NAMESPACE: its four names, wildcards included',
    only: byRequest,
  },
  expiry: { ...path, describe: 'how long it lives, such as 8760h', only: byRequest },
  key: {
    choices: ['ecdsa-256', 'ecdsa-384', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const,
    describe: 'kind of key; else as in the inventory',
    only: {
      when: 'where a key is made, without --request and --csr',
      holds: ({ request, csr }) => request === undefined && csr === undefined,
    },
  },
  csr: { ...path, describe: 'request of somebody who keeps the key', only: byRequest },
  format: {
    ...list,
    default: 'pair',
    describe: 'pair: NAME.crt, NAME.key; bundle: NAME.pem with the CA; p12: NAME.p12',
    only: byRequest,
  },
  'p12-passphrase-from': {
    ...path,
    describe: 'of the p12 file: ask, env:NAME, fd:N or file:PATH',
    only: {
      when: 'with --format p12',
      holds: ({ format }) => Array.isArray(format) && format.includes('p12'),
    },
  },
  ca: { ...path, describe: 'CA certificate, instead of the store of the inventory' },
  'ca-key': {
    ...path,
    describe: 'key of --ca',
    only: { when: 'with --ca', holds: ({ ca }) => ca !== undefined },
  },
  request: { ...path, describe: 'X-csr.json of cfssl: gives X.pem, X-key.pem, X.csr' },
  config: {
    ...path,
    describe: 'ca-config.json of cfssl',
    only: { when: 'with --request', holds: ({ request }) => request !== undefined },
  },
  ...output,
  ...passphrase,
  ...json,
} as const satisfies OptionTable;

export type IssueArguments = ArgumentsOf<typeof certsIssueOptions>;

const inStore = {
  when: 'with an inventory, whose store gets the CA',
  holds: ({ inventory }: Record<string, unknown>) => inventory !== undefined,
};
const byCfssl = {
  when: 'without an inventory, for files as cfssl makes them',
  holds: ({ inventory }: Record<string, unknown>) => inventory === undefined,
};

export const certsInitCaOptions = {
  ...optionalInventory,
  encrypt: {
    type: 'boolean',
    default: false,
    describe: 'keep the CA key under a passphrase',
    only: inStore,
  },
  bring: {
    ...path,
    describe: 'CA certificate that exists, with those above it (PEM)',
    only: inStore,
  },
  'bring-key': {
    ...path,
    describe: 'its key; without it nothing can be issued',
    only: { when: 'with --bring', holds: ({ bring }) => bring !== undefined },
  },
  'bring-peer': {
    ...path,
    describe: 'the same for the CA that peers alone trust; else it is made',
    only: inStore,
  },
  'bring-peer-key': {
    ...path,
    describe: 'key of --bring-peer',
    only: { when: 'with --bring-peer', holds: ({ bringPeer }) => bringPeer !== undefined },
  },
  request: {
    ...path,
    describe: 'ca-csr.json of cfssl: gives ca.pem, ca-key.pem, ca.csr',
    only: byCfssl,
  },
  out: { ...output.out, only: byCfssl },
  name: { ...output.name, only: byCfssl },
  overwrite: { ...output.overwrite, only: byCfssl },
  'passphrase-from': {
    ...passphrase['passphrase-from'],
    only: {
      when: 'with --encrypt, --bring-key or --bring-peer-key',
      holds: ({ encrypt, bringKey, bringPeerKey }) =>
        encrypt === true || bringKey !== undefined || bringPeerKey !== undefined,
    },
  },
  ...json,
} as const satisfies OptionTable;

export const certsInfoOptions = {
  what: {
    type: 'string',
    demandOption: true,
    describe: 'file with certificates, a request or a revocation list; or HOST:PORT',
  },
  ...json,
} as const satisfies OptionTable;

export const certsVerifyOptions = {
  ...inventory,
  offline: {
    type: 'boolean',
    default: false,
    describe: 'only the store, without SSH: keys on hosts are not looked at',
  },
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const certsDefaultsOptions = {
  what: { choices: ['config', 'csr'] as const, demandOption: true, describe: 'which file' },
} as const satisfies OptionTable;

const ofSeveral = {
  when: 'without --member, which touches no other',
  holds: ({ member }: Readonly<Record<string, unknown>>) => member === undefined,
};

export const certsRotateOptions = {
  ...inventory,
  member: { type: 'string', describe: 'only those of this member or NAME@HOST' },
  name: {
    ...path,
    describe: 'only this kind: server, peer, healthcheck-client, admin, or the name of a client',
  },
  within: { type: 'string', describe: 'only what expires within, such as 30d' },
  restart: {
    type: 'boolean',
    default: false,
    describe: 'restart each touched member too, one by one, so that streams use the new ones',
  },
  ...change,
  pauseAfter: { ...brakes.pauseAfter, only: ofSeveral },
  limit: { ...brakes.limit, only: ofSeveral },
  without: { ...without.without, only: ofSeveral },
} as const satisfies OptionTable;

const onClients = {
  when: 'without --peer and --split, which involve no client',
  holds: ({ peer, split }: Readonly<Record<string, unknown>>) => peer !== true && split !== true,
};

export const certsRotateCaOptions = {
  ...inventory,
  consumersReady: {
    type: 'boolean',
    default: false,
    describe: 'consumers without reload have taken up what they were brought',
    only: onClients,
  },
  finish: {
    type: 'boolean',
    default: false,
    describe: 'clients have followed: end the trust in the old CA, member by member',
    only: onClients,
  },
  abort: {
    type: 'boolean',
    default: false,
    describe: 'go back to the old CA, as long as it is trusted',
    only: {
      when: 'without --finish, --peer and --split',
      holds: (given) => onClients.holds(given) && given.finish !== true,
    },
  },
  accept: {
    ...list,
    describe: 'address of a client that may be cut off; only with a rotation that watches clients',
    only: onClients,
  },
  window: {
    type: 'number',
    default: 10,
    least: 1,
    describe: 'seconds for which clients are watched, at each member',
    only: onClients,
  },
  peer: {
    type: 'boolean',
    default: false,
    describe: 'the CA that peers alone trust, in one run; no client is involved',
  },
  split: {
    type: 'boolean',
    default: false,
    describe: 'give peers a CA of their own, where they share that of clients; in one run',
  },
  again: {
    type: 'boolean',
    default: false,
    describe: 'exchange the CA of the peers although that was done within a day',
    only: { when: 'with --peer', holds: ({ peer }) => peer === true },
  },
  ...change,
} as const satisfies OptionTable;

export const certsListOptions = {
  ...inventory,
  within: {
    type: 'string',
    describe: 'only what expires within, such as 30d; exit 10 when there is any',
  },
  metrics: {
    type: 'string',
    describe: 'also write this file in the text format of Prometheus',
  },
  ...reach,
  ...json,
} as const satisfies OptionTable;

const revoking = {
  when: 'without --renew, which revokes nothing',
  holds: ({ renew }: Record<string, unknown>) => renew !== true,
};

export const certsRevokeOptions = {
  ...inventory,
  serial: { type: 'string', describe: 'serial number in hexadecimal', only: revoking },
  file: { type: 'string', describe: 'PEM file of the certificate', only: revoking },
  id: { type: 'string', describe: 'certificate of the store, such as admin', only: revoking },
  reason: {
    choices: ['unspecified', 'keyCompromise', 'superseded', 'cessationOfOperation'] as const,
    default: 'unspecified' as const,
    describe: 'why, as RFC 5280 names it',
    only: revoking,
  },
  renew: { type: 'boolean', default: false, describe: 'revoke nothing, only make a new list' },
  valid: {
    type: 'string',
    default: '365d',
    describe: 'how long the list calls itself current; etcd does not look, others do',
  },
  ...change,
} as const satisfies OptionTable;
