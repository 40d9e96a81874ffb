import type { DesiredCluster } from '../../desired/cluster.ts';
import { type DesiredSwitch, desiredSwitch } from '../../desired/dual-protocol.ts';
import { loadTemplates } from '../../desired/templates.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { someoneAnswers } from '../../observed/observed.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import { usersOfPortAlone } from '../../plan/ownership/port-use.ts';
import { bySnapshot } from '../../plan/switching/protocol.ts';
import { leftPort } from '../../plan/switching/serving.ts';
import type { Watching } from '../../plan/switching/switch-stages.ts';
import { remedy } from '../../problem/remedy.ts';
import { describeClients, type SwitchClients } from '../../report/switch-clients-text.ts';
import { agreed } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import { observe } from '../../run/observe.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import { PROTOCOL_OF_ALL, tellAway } from '../../run/without-hosts.ts';
import { askLack, needsUser, withUser } from '../../snapshot/needs-user.ts';
import { compareData, NOT_COMPARED } from '../../verify/compare-data.ts';
import { refuseBesideRestore } from '../restore/unfinished-restore.ts';
import { safetySnapshot } from '../snapshot/safety-snapshot.ts';
import { bringUp } from '../up/bring-up.ts';
import type { MigrateArguments } from './arguments.ts';
import { lookAtClients, refuseToCut } from './clients.ts';
import { reportSwitch } from './report.ts';

/** Switches the protocol of a running cluster, by the way that was asked for. */
export async function migrate(args: MigrateArguments): Promise<void> {
  if (args.to === 'http' && !args.acceptPlaintext) throw plaintext(args.inventory);
  const option = args.via === 'snapshot' ? bySnapshot(args.to) : undefined;
  const options = {
    ...args,
    protocol: args.to,
    command: 'migrate',
    option,
    whenUnreachable: tellAway(PROTOCOL_OF_ALL),
  };
  await withOperation(options, async (operation) => {
    if (args.via === 'wipe') return bringUp(operation, { ...args, wipe: true });
    if (args.via === 'live') return switchLive(operation, args);
    const { switchBySnapshot } = await import('./snapshot.ts');
    return switchBySnapshot(operation, args);
  });
}

function plaintext(inventory: string): Failure {
  return new Failure(
    'refused',
    `${inventory}: over http nothing is encrypted and nobody is asked for a certificate: anyone who reaches the ports can read, change and delete everything, Kubernetes secrets included`,
    { next: [remedy`if that is what you want: add --accept-plaintext`] },
  );
}

/** The live way: no outage, no write lost, ids kept; members change one by one. */
async function switchLive(operation: Operation, args: MigrateArguments): Promise<void> {
  const { inventory, hosts, stop } = operation;
  await refuseBesideRestore(operation.desired, hosts);
  const templates = await loadTemplates();
  const desired = desiredSwitch(inventory, operation.desired, templates, args.windowPort);
  const { target } = desired;
  const clients = args.finish ? await clientsBefore(operation, desired, args) : undefined;
  const intent = intentOf(args, clients && staying(desired, clients, args));
  let begun: number | undefined;
  await changeCluster({ ...operation, desired: target }, args, {
    plan: (facts) => planFor(desired, facts, intent),
    remaining: (facts) => planFor(desired, facts, intent),
    comparesData: true,
    confirm: async ({ cluster }, facts) => {
      const compared = await compareData(target, hosts, facts);
      if (compared === 'denied') {
        await refuseWithoutUser(operation, target, args);
        console.error(NOT_COMPARED);
      }
      if (clients !== undefined) {
        if (!args.json) for (const line of describeClients(clients.seen)) console.log(line);
        if (args.yes) refuseToCut(desired, clients.seen, args.clientsMayBeCut ?? []);
      }
      if (!args.yes) await agreed(`Switch ${cluster} to ${args.to}?`, stop);
      const isHeard = someoneAnswers(facts);
      if (args.snapshot && isHeard)
        await safetySnapshot({ ...operation, desired: target }, args, stop);
      begun = performance.now();
    },
    report: (facts) =>
      reportSwitch(operation, desired, facts, args, begun && (performance.now() - begun) / 1000),
  });
}

function intentOf(
  { finish, advertise, allowDowntime }: MigrateArguments,
  staying?: Watching,
): Intent<'switch'> {
  return { kind: 'switch', finish, advertise, allowDowntime, staying };
}

/** Who is seen at the client ports before anything is changed; undefined where nothing would be. */
async function clientsBefore(
  operation: Operation,
  desired: DesiredSwitch,
  args: MigrateArguments,
): Promise<{ readonly seen: SwitchClients; readonly facts: ClusterFacts } | undefined> {
  const facts = await observe({ ...operation, desired: desired.target });
  if (planFor(desired, facts, intentOf(args)).waves.length === 0) return undefined;
  return { seen: await lookAtClients(desired, operation.hosts, facts, args.window), facts };
}

/**
 * What the switch lacks is told before anybody is asked to agree: peer URLs are changed and snapshots taken by a user with
 * the role root. Over http nobody can be asked for one; https, by which its certificate names it, is served by then.
 */
async function refuseWithoutUser(
  { hosts }: Pick<Operation, 'hosts'>,
  target: DesiredCluster,
  { snapshot }: Pick<MigrateArguments, 'snapshot'>,
): Promise<void> {
  const lacks = await Promise.all([...hosts.values()].map((host) => askLack(target, host)));
  const lack = lacks.find((one) => one !== undefined);
  if (lack === undefined || (lack === 'name' && !snapshot)) return;
  throw needsUser({
    ...{ cluster: target.name, version: target.version, lack },
    what:
      lack === 'name'
        ? 'no snapshot can be taken before the switch; nothing was changed'
        : 'members cannot be moved; nothing was changed',
    instead:
      lack === 'name'
        ? [withUser(lack, target.version, remedy`switch without a snapshot: --no-snapshot`)]
        : [],
  });
}

/** How clients are watched before the port of the stage is closed; undefined where nobody was seen at it. */
function staying(
  desired: DesiredSwitch,
  { seen, facts }: { readonly seen: SwitchClients; readonly facts: ClusterFacts },
  { clientsMayBeCut: accepted = [], window }: MigrateArguments,
) {
  const port = leftPort(desired, facts);
  if (port === undefined) return undefined;
  const users = usersOfPortAlone(seen.uses, port, desired.to, accepted);
  return users.length === 0 ? undefined : { window, accepted };
}
