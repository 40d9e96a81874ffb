import type { OptionTable } from '../option-table.ts';
import { reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { list } from '../options/members.ts';
import { passphrase } from '../options/passphrase.ts';

export const adoptOptions = {
  hosts: {
    ...list,
    demandOption: true,
    describe: 'hosts of the cluster, each as [USER@]ADDRESS[:PORT]; one finds the others',
  },
  out: {
    type: 'string',
    describe: 'inventory file to write; without it the inventory is only printed',
  },
  cluster: {
    type: 'string',
    describe: 'name that the cluster is to have; else that of its token',
  },
  unit: {
    type: 'string',
    describe: 'the unit that is meant, where hosts run several etcds',
  },
  caKey: {
    type: 'string',
    describe: 'file here with the key of the CA that clients trust; it goes into the PKI store',
  },
  caKeyFrom: { type: 'string', describe: 'the same key where it lies on a host, as HOST:PATH' },
  peerCaKey: {
    type: 'string',
    describe: 'the key of the CA of the peers, where they have another',
  },
  peerCaKeyFrom: { type: 'string', describe: 'the same where it lies on a host, as HOST:PATH' },
  ...passphrase,
  sshUser: { type: 'string', describe: 'login name; else ~/.ssh/config, else your own' },
  identity: { type: 'string', describe: 'private key file for SSH' },
  become: {
    choices: ['none', 'sudo', 'doas'] as const,
    describe: 'how to become root; else none for root, sudo for others',
  },
  becomePassword: { type: 'string', describe: 'of sudo: ask, env:NAME or fd:NUMBER' },
  jump: { type: 'string', describe: 'hosts to go through, as in ProxyJump' },
  knownHosts: { type: 'string', describe: 'known_hosts file; else your own' },
  acceptNew: {
    type: 'boolean',
    default: false,
    describe: 'record a host key that is not known yet, as ssh.hostKeys: accept-new does',
  },
  ...reach,
  ...json,
} as const satisfies OptionTable;
