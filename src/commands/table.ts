import type { CommandModule } from 'yargs';
import { adoptCommand } from './adopt/table.ts';
import { certsCommands } from './certs/table.ts';
import { checkCommand } from './check/table.ts';
import { doctorCommand } from './doctor/table.ts';
import { downCommand } from './down/table.ts';
import { envCommand } from './env/table.ts';
import { etcdctlCommand } from './etcdctl/table.ts';
import { historyCommand } from './history/table.ts';
import { initCommand } from './init/table.ts';
import { kubeCommands } from './kube/table.ts';
import { labCommands } from './lab/table.ts';
import { lockCommands } from './lock/table.ts';
import { maintainCommands } from './maintain/table.ts';
import { memberCommands } from './member/table.ts';
import { migrateCommand } from './migrate/table.ts';
import { planCommand } from './plan/table.ts';
import { rebootCommand } from './reboot/table.ts';
import { renderCommand } from './render/table.ts';
import { restoreCommand } from './restore/table.ts';
import { snapshotCommands } from './snapshot/table.ts';
import { statusCommand } from './status/table.ts';
import { upCommand } from './up/table.ts';

/** Every command, in the order of `--help`. Nothing heavy is imported here: `--help` must stay quick. */
export const commands: readonly CommandModule[] = [
  initCommand,
  adoptCommand,
  checkCommand,
  upCommand,
  planCommand,
  statusCommand,
  doctorCommand,
  etcdctlCommand,
  envCommand,
  renderCommand,
  downCommand,
  migrateCommand,
  memberCommands,
  rebootCommand,
  maintainCommands,
  certsCommands,
  kubeCommands,
  snapshotCommands,
  restoreCommand,
  lockCommands,
  historyCommand,
  labCommands,
];
