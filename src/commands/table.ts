import type { CommandModule } from 'yargs';
import { certsCommands } from './certs/table.ts';
import { checkOptions } from './check-options.ts';
import { command } from './command.ts';
import { downOptions } from './down-options.ts';
import { etcdctlOptions } from './etcdctl/options.ts';
import { initOptions } from './init-options.ts';
import { labCommands } from './lab/table.ts';
import { lockCommands } from './lock/table.ts';
import { memberCommands } from './member/table.ts';
import { migrateOptions } from './migrate/options.ts';
import { lookOptions } from './options/look.ts';
import { renderOptions } from './render-options.ts';
import { restoreCommand, snapshotCommands } from './snapshot/table.ts';
import { statusOptions } from './status/options.ts';
import { planOptions, upOptions } from './up/options.ts';

/** Every command with its options. Nothing heavy is imported here: `--help` must stay quick. */
export const commands: readonly CommandModule[] = [
  command({
    usage: 'init [file]',
    describe: 'Write a commented inventory to start from',
    options: initOptions,
    example: 'init inventory.yaml --cluster prod --hosts 10.0.0.1,10.0.0.2,10.0.0.3',
    load: async () => (await import('./init.ts')).init,
  }),
  command({
    usage: 'check <inventory>',
    describe: 'Look whether hosts and network are fit for the cluster; change nothing',
    options: checkOptions,
    example: 'check inventory.yaml --no-disk-test',
    load: async () => (await import('./check.ts')).check,
  }),
  command({
    usage: 'up <inventory>',
    describe: 'Make the hosts match the inventory, and prove that the cluster answers',
    options: upOptions,
    example: 'up inventory.yaml',
    load: async () => (await import('./up/up.ts')).up,
  }),
  command({
    usage: 'plan <inventory>',
    describe: 'Show what up would do and why, with diffs; change nothing',
    options: planOptions,
    example: 'plan inventory.yaml --exit-code',
    load: async () => (await import('./plan.ts')).plan,
  }),
  command({
    usage: 'status <inventory>',
    describe: 'Show members, leader, versions, sizes, alarms and certificate days left',
    options: statusOptions,
    example: 'status inventory.yaml --watch',
    load: async () => (await import('./status/status.ts')).status,
  }),
  command({
    usage: 'doctor <inventory>',
    describe: 'Say why the cluster is broken, and the command that fixes it',
    options: lookOptions,
    example: 'doctor inventory.yaml',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  }),
  command({
    usage: 'etcdctl <inventory>',
    describe: 'Run etcdctl on a member with the right certificates and endpoints',
    options: etcdctlOptions,
    example: 'etcdctl inventory.yaml -- get /registry --prefix --keys-only --limit 5',
    load: async () => (await import('./etcdctl/etcdctl.ts')).etcdctl,
  }),
  command({
    usage: 'env <inventory>',
    describe: 'Print the environment an etcdctl on this machine needs',
    options: lookOptions,
    example: 'env inventory.yaml',
    load: async () => (await import('./env.ts')).env,
  }),
  command({
    usage: 'render <inventory>',
    describe: 'Write the files each host would get, without SSH',
    options: renderOptions,
    example: 'render inventory.yaml --out rendered',
    load: async () => (await import('./render.ts')).render,
  }),
  command({
    usage: 'down <inventory>',
    describe: 'Stop and disable etcd on every member; --purge removes its data too',
    options: downOptions,
    example: 'down inventory.yaml',
    load: async () => (await import('./down.ts')).down,
  }),
  command({
    usage: 'migrate <inventory>',
    describe: 'Switch a running cluster between http and https',
    options: migrateOptions,
    example: 'migrate inventory.yaml --to https --via live',
    load: async () => (await import('./migrate/migrate.ts')).migrate,
  }),
  memberCommands,
  certsCommands,
  snapshotCommands,
  restoreCommand,
  lockCommands,
  command({
    usage: 'history <inventory>',
    describe: 'Show who changed the cluster, when, how and with what result',
    options: lookOptions,
    example: 'history inventory.yaml',
    load: async () => (await import('./history.ts')).history,
  }),
  labCommands,
];
