import { command, family } from '../command.ts';
import {
  certsDefaultsOptions,
  certsInfoOptions,
  certsInitCaOptions,
  certsIssueOptions,
  certsListOptions,
  certsRevokeOptions,
  certsRotateCaOptions,
  certsRotateOptions,
  certsVerifyOptions,
} from './options.ts';

const issue = command({
  usage: 'issue [inventory]',
  describe: 'Make a certificate for anything that talks to etcd',
  options: certsIssueOptions,
  example: 'certs issue inventory.yaml --cn apiserver-etcd-client --org system:masters',
  load: async () => (await import('./issue.ts')).certsIssue,
});

const info = command({
  usage: 'info <what>',
  describe: 'Say what a certificate, a request, a revocation list or a listener shows',
  options: certsInfoOptions,
  example: 'certs info 10.0.0.1:2379',
  load: async () => (await import('./info.ts')).certsInfo,
});

const initCa = command({
  usage: 'init-ca [inventory]',
  describe: 'Make the CA, or bring one that exists',
  options: certsInitCaOptions,
  example: 'certs init-ca inventory.yaml --bring ca.pem --bring-key ca-key.pem --encrypt',
  load: async () => (await import('./init-ca.ts')).certsInitCa,
});

const verify = command({
  usage: 'verify <inventory>',
  describe: 'Check certificates in the store, on hosts and listeners for what etcd would refuse',
  options: certsVerifyOptions,
  example: 'certs verify inventory.yaml',
  load: async () => (await import('./verify.ts')).certsVerify,
});

const printDefaults = command({
  usage: 'print-defaults <what>',
  describe: "Print cfssl's templates of ca-config.json and csr.json",
  options: certsDefaultsOptions,
  example: 'certs print-defaults csr > etcd-csr.json',
  load: async () => (await import('./print-defaults.ts')).certsPrintDefaults,
});

const list = command({
  usage: 'list <inventory>',
  describe: 'Show every certificate where it is stored, installed and served',
  options: certsListOptions,
  example: 'certs list inventory.yaml --within 30d',
  load: async () => (await import('./list.ts')).certsList,
});

const rotate = command({
  usage: 'rotate <inventory>',
  describe: 'Renew leaves and prove them on every listener; no restart, no outage',
  options: certsRotateOptions,
  example: 'certs rotate inventory.yaml --within 30d',
  load: async () => (await import('./rotate.ts')).certsRotate,
});

const rotateCa = command({
  usage: 'rotate-ca <inventory>',
  describe: 'Exchange the CA, with both trusted in between; members restart one by one, twice',
  options: certsRotateCaOptions,
  example: 'certs rotate-ca inventory.yaml',
  load: async () => (await import('./rotate-ca.ts')).certsRotateCa,
});

const revoke = command({
  usage: 'revoke <inventory>',
  describe: 'Make every member refuse a certificate, at once and without a restart',
  options: certsRevokeOptions,
  example: 'certs revoke inventory.yaml --file old-client.pem --reason keyCompromise',
  load: async () => (await import('./revoke.ts')).certsRevoke,
});

/** `provision certs …` */
export const certsCommands = family('certs', 'Certificates of the cluster and of its clients', [
  list,
  rotate,
  rotateCa,
  revoke,
  issue,
  info,
  verify,
  initCa,
  printDefaults,
]);
