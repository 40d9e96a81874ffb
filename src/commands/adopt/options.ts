import type { OptionTable } from '../option-table.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { list } from '../options/members.ts';
import { passphrase } from '../options/passphrase.ts';
import { lock, timeout } from '../options/waiting.ts';

const looking = {
  when: 'without --undo, which goes by the inventory',
  holds: ({ undo }: Readonly<Record<string, unknown>>) => undo === undefined,
};
const keyless = {
  when: 'where no key of the CA is brought',
  holds: ({ undo, caKey, caKeyFrom }: Readonly<Record<string, unknown>>) =>
    [undo, caKey, caKeyFrom].every((one) => one === undefined),
};
const undoing = {
  when: 'with --undo',
  holds: ({ undo }: Readonly<Record<string, unknown>>) => undo !== undefined,
};

export const adoptOptions = {
  hosts: {
    ...list,
    describe: 'hosts of the cluster, each as [USER@]ADDRESS[:PORT]; one finds the others',
  },
  out: {
    type: 'string',
    describe: 'inventory file to write; without it the inventory is only printed',
    only: looking,
  },
  cluster: {
    type: 'string',
    describe: 'name that the cluster is to have; else that of its token',
    only: looking,
  },
  unit: {
    type: 'string',
    describe: 'the unit that is meant, where hosts run several etcds',
    only: looking,
  },
  layout: {
    choices: ['ours', 'keep'] as const,
    describe: 'keep: up leaves unit, configuration and programs as they are; else they become ours',
    only: looking,
  },
  caKey: {
    type: 'string',
    describe: 'file here with the key of the CA that clients trust; it goes into the PKI store',
    only: looking,
  },
  caKeyFrom: {
    type: 'string',
    describe: 'the same key where it lies on a host, as HOST:PATH',
    only: looking,
  },
  peerCaKey: {
    type: 'string',
    describe: 'the key of the CA of the peers, where they have another',
    only: looking,
  },
  peerCaKeyFrom: {
    type: 'string',
    describe: 'the same where it lies on a host, as HOST:PATH',
    only: looking,
  },
  clientCert: {
    type: 'string',
    describe:
      'file here with a certificate that clients use; the PKI store takes it for the operator',
    only: keyless,
  },
  clientKey: { type: 'string', describe: 'file here with its key', only: keyless },
  'passphrase-from': { ...passphrase['passphrase-from'], only: looking },
  sshUser: {
    type: 'string',
    describe: 'login name; else ~/.ssh/config, else your own',
    only: looking,
  },
  identity: { type: 'string', describe: 'private key file for SSH', only: looking },
  sshPassphrase: {
    type: 'string',
    describe: 'of that key: ask, env:NAME or fd:NUMBER; else it is asked for when needed',
    only: looking,
  },
  sshPassword: {
    type: 'string',
    describe: 'log in with a password if no key does: ask, env:NAME or fd:NUMBER',
    only: looking,
  },
  become: {
    choices: ['none', 'sudo', 'doas'] as const,
    describe: 'how to become root; else none for root, sudo for others',
    only: looking,
  },
  becomePassword: {
    type: 'string',
    describe: 'of sudo: ask, env:NAME or fd:NUMBER',
    only: looking,
  },
  jump: { type: 'string', describe: 'hosts to go through, as in ProxyJump', only: looking },
  knownHosts: { type: 'string', describe: 'known_hosts file; else your own', only: looking },
  acceptNew: {
    type: 'boolean',
    default: false,
    describe: 'record a host key that is not known yet, as ssh.hostKeys: accept-new does',
    only: looking,
  },
  undo: {
    type: 'string',
    describe: 'inventory of a cluster that was adopted: have its members run as they did before',
  },
  allowDowntime: { ...allowDowntime.allowDowntime, only: undoing },
  yes: { ...yes.yes, only: undoing },
  timeout: { ...timeout.timeout, only: undoing },
  lockWait: { ...lock.lockWait, only: undoing },
  ...reach,
  ...json,
} as const satisfies OptionTable;
