import { loadTemplates } from '../desired/templates.ts';
import { desiredSwitch } from '../desired/window.ts';
import { Failure } from '../failure/failure.ts';
import { planSwitch } from '../plan/switch.ts';
import { proveHttpRefused } from '../verify/closed.ts';
import { refuseUnequalHashes } from '../verify/hashes.ts';
import { agreed } from './ask.ts';
import { bringUp } from './bring-up.ts';
import type { ArgumentsOf } from './command.ts';
import { converge } from './converge.ts';
import { oldSchemeClients } from './migrate-clients.ts';
import { type Operation, withOperation } from './operation.ts';
import type { migrateOptions } from './options.ts';
import { safetySnapshot } from './safety-snapshot.ts';

type MigrateArguments = ArgumentsOf<typeof migrateOptions>;

/** Switches the protocol of a running cluster, by the road that was asked for. */
export async function migrate(args: MigrateArguments): Promise<void> {
  if (args.to === 'http' && !args.acceptPlaintext) throw plaintext(args.inventory);
  await withOperation({ ...args, protocol: args.to, command: 'migrate' }, async (operation) => {
    if (args.via === 'wipe') return bringUp(operation, { ...args, wipe: true });
    if (args.via === 'live') return switchLive(operation, args);
    const { switchBySnapshot } = await import('./migrate-snapshot.ts');
    return switchBySnapshot(operation, args);
  });
}

function plaintext(inventory: string): Failure {
  return new Failure(
    'refused',
    `${inventory}: over http nothing is encrypted and nobody is asked for a certificate: whoever reaches the ports can read, change and delete everything, Kubernetes secrets included`,
    { next: 'if that is what you want: add --accept-plaintext' },
  );
}

/** The live road: no outage, no write lost, ids kept; members change one by one. */
async function switchLive(operation: Operation, args: MigrateArguments): Promise<void> {
  const { inventory, hosts, stop } = operation;
  const templates = await loadTemplates();
  const desired = desiredSwitch(inventory, operation.desired, templates, args.windowPort);
  const { target } = desired;
  await converge({ ...operation, desired: target }, args, {
    plan: (facts) => planSwitch(desired, facts, args),
    left: (facts) => planSwitch(desired, facts, args),
    confirm: async ({ cluster }, facts) => {
      await refuseUnequalHashes(target, hosts, facts);
      if (args.finish && !args.json) console.log(await oldSchemeClients(desired, hosts));
      if (!args.yes) await agreed(`Switch ${cluster} to ${args.to}?`, stop);
      const isHeard = [...facts.members.values()].some(({ etcd }) => etcd.healthy);
      if (args.snapshot && isHeard)
        await safetySnapshot({ ...operation, desired: target }, args, stop);
    },
  });
  if (args.finish && args.to === 'https') await proveHttpRefused(target, hosts);
  if (!args.json) console.log(nextSteps(args, desired.windowPort));
}

function nextSteps(
  { to, finish, inventory }: MigrateArguments,
  windowPort: number | undefined,
): string {
  if (finish)
    return `done: the cluster speaks ${to} only\nnext: set protocol: ${to} in ${inventory}, so that up agrees`;
  const from = to === 'https' ? 'http' : 'https';
  const where =
    windowPort === undefined
      ? 'at the same port'
      : `at port ${windowPort} until the switch is finished`;
  return [
    `members speak ${to} with each other; clients are served over ${from} and ${to} (${to} ${where})`,
    `next: move your clients to ${to}, then end ${from}: provision migrate ${inventory} --to ${to}${flag(to)} --finish`,
    `back: provision migrate ${inventory} --to ${from}${flag(from)} --finish`,
  ].join('\n');
}

function flag(protocol: string): string {
  return protocol === 'http' ? ' --accept-plaintext' : '';
}
