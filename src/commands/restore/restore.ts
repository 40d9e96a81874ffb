import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { majority } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { askRestore } from '../../facts/data/restore.ts';
import type { RestoreIntent, RestoreOrder } from '../../facts/data/restore-intent.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import type { Inventory } from '../../inventory/schema.ts';
import { describePlan } from '../../plan/describe.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import { leftBehind } from '../../plan/restoring/left-behind.ts';
import { begunWith } from '../../plan/restoring/restore-goal.ts';
import type { RestoreSource } from '../../plan/restoring/restore-options.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { lossText, restoredText } from '../../report/restored-text.ts';
import { typedPhrase } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import { executePlan } from '../../run/execute-plan.ts';
import { observe } from '../../run/observe.ts';
import { askEachMember } from '../../run/observe-hosts.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import { refuseKept } from '../../run/refuse-kept.ts';
import { stamp } from '../../shell/stamp.ts';
import type { Key } from '../../snapshot/encryption.ts';
import { piecesOfSnapshot } from '../../snapshot/open.ts';
import type { Shipment } from '../../snapshot/upload.ts';
import { refuseFaulty, verifySnapshot } from '../../snapshot/verify.ts';
import { failedChecks } from '../../verify/checks.ts';
import { compareData, NOT_COMPARED } from '../../verify/compare-data.ts';
import { keyFor } from '../snapshot/key.ts';
import { databaseOf } from './from-member.ts';
import type { RestoreArguments } from './options.ts';
import { orderOfRestore } from './order.ts';
import { recovered } from './recovery.ts';
import { settleUnfinished, snapshotOf } from './settle-unfinished.ts';
import { undoRestore } from './undo.ts';

/** A thousand million, as etcd's own documentation has it: more than any watcher can have seen since. */
const BUMP = 1_000_000_000;

/** Builds a new cluster from a snapshot, or from what one member still has. */
export async function restore(args: RestoreArguments): Promise<void> {
  const { from, fromMember, undo } = args;
  if ([from, fromMember, undo || undefined].filter((one) => one !== undefined).length !== 1) {
    throw new Failure('usage', 'say what to restore from, one of --from, --from-member, --undo', {
      next: [remedy`${provision('snapshot', 'list', INVENTORY)} shows the snapshots there are`],
    });
  }
  await refuseBareYes(args);
  if (undo) return undoRestore(args);
  // A damaged file is told before anything is asked of the hosts.
  const key = from === undefined ? undefined : await keyFor(from, args);
  const verified = from === undefined ? undefined : await sourceOf(from, key, args);
  await withOperation({ ...args, command: 'restore' }, async (operation) => {
    const { desired } = operation;
    refuseKept(desired, 'a restore');
    const agree = async () => {
      if (args.yesRestore !== desired.name) await typedConsent(operation, args);
    };
    if (verified !== undefined && from !== undefined) {
      await settleUnfinished(operation, args, agree, (intents) => areOfMost(desired, intents));
      return restoreFrom(operation, args, {
        order: orderOfRestore(args),
        source: verified,
        open: () => piecesOfSnapshot(from, key),
      });
    }
    const unfinished = await settleUnfinished(operation, args, agree);
    const path =
      unfinished === undefined
        ? await databaseOf(operation, fromMember ?? '', args)
        : (await snapshotOf(operation, args, unfinished)).path;
    const source = await sourceOf(path, undefined, args);
    const open = () => piecesOfSnapshot(path, undefined);
    return restoreFrom(operation, args, { order: orderOfRestore(args), source, open });
  });
}

/** `-y` answers questions that any cluster may be asked; data is replaced only where the cluster is named. */
async function refuseBareYes({ yes, yesRestore, inventory }: RestoreArguments): Promise<void> {
  if (!yes || yesRestore !== undefined) return;
  const { cluster } = (await readInventory(inventory)).inventory;
  throw new Failure(
    'usage',
    `--yes does not agree to a restore: it replaces the data of ${cluster}`,
    {
      next: [
        remedy`leave --yes out and type the phrase it asks for; or, where nobody can type it, add --yes-restore ${cluster}`,
      ],
    },
  );
}

function typedConsent(
  { desired, stop }: Pick<Operation, 'desired' | 'stop'>,
  { inventory }: Pick<RestoreArguments, 'inventory'>,
): Promise<void> {
  const flag = `--yes-restore ${desired.name}, if ${inventory} is really the one`;
  return typedPhrase(`restore ${desired.name}`, flag, stop);
}

/** Whether most members that a restore was begun with know of it: then it can be finished, or refused by name. */
function areOfMost(desired: DesiredCluster, intents: readonly RestoreIntent[]): boolean {
  return intents.some((intent) => {
    const members = begunWith(desired, intent) ?? desired.members;
    const knowing = intents.filter(({ token }) => token === intent.token);
    return knowing.length >= majority(members.length);
  });
}

export interface From {
  /** The command that asks for it. */
  readonly order: RestoreOrder;
  readonly source: RestoreSource;
  readonly open: Shipment['open'];
  /** The revision the former cluster must still have when it stops, where nothing may be lost. */
  readonly lastRevision?: number | undefined;
  /** Whether a failure is followed by putting the former cluster back here; else the caller does that. */
  readonly recovers?: boolean;
}

/** What a restore needs to know beside its source. */
export type RestoreTerms = Pick<
  RestoreArguments,
  'inventory' | 'foreign' | 'kubernetes' | 'yesRestore' | 'passphraseFrom' | 'timeout' | 'json'
>;

/** A new cluster from this source: planned, shown, asked for, made and compared. Throws a Failure. */
export async function restoreFrom(
  operation: Operation,
  args: RestoreTerms,
  from: From,
): Promise<void> {
  const { desired, inventory } = operation;
  const { order, source, open, lastRevision, recovers = true } = from;
  const began = performance.now();
  const intent: Intent<'restore'> = {
    ...{ kind: 'restore', order, source, lastRevision },
    freshToken: randomBytes(16).toString('hex'),
    began: stamp(new Date()),
    bumpRevision: wantsBump(inventory, args) ? BUMP : 0,
    foreign: args.foreign,
  };
  await converge(operation, args, {
    look: async () => {
      const [facts, found] = await Promise.all([
        observe(operation),
        askEachMember(operation, (host) => askRestore(host, operation.desired)),
      ]);
      return { facts, found };
    },
    plan: (seen) => planFor(desired, seen, intent),
    show: (plan, { facts, found }) => {
      if (!args.json) {
        console.log(describePlan(plan));
        if (lastRevision === undefined) console.log(lossText(facts, found, source));
      }
      warnOfLeft(desired, facts);
    },
    confirm: async () => {
      if (args.yesRestore !== desired.name) await typedConsent(operation, args);
    },
    act: (plan, { facts }) =>
      executePlan(operation, plan, args, {
        ...{ facts, snapshot: { open, size: source.size, sha256: source.sha256 } },
        ...(recovers && { recover: (failure) => recovered(failure, operation, args) }),
      }),
    prove: async ({ seen }) => {
      const after = await observe(operation);
      const compared = await proveRestored(operation, after);
      // It was said before a plan of many lines, and has to be done.
      warnOfLeft(desired, seen.facts);
      const seconds = (performance.now() - began) / 1000;
      return restoredText(args, source, after, { seconds, compared });
    },
  });
}

function warnOfLeft(desired: DesiredCluster, facts: ClusterFacts): void {
  const left = leftBehind(desired, facts);
  if (left !== undefined) console.error(`warning: ${left}`);
}

/** Whether all members are well and hold the same data, as far as etcd lets it be compared. Throws a Failure. */
async function proveRestored(
  { desired, hosts }: Operation,
  facts: ClusterFacts,
): Promise<'same' | 'denied'> {
  const failed = failedChecks(desired, facts);
  if (failed.length > 0) {
    const sentence = `${desired.name}: is restored, but not as it should be`;
    const next = [remedy`${provision('status', INVENTORY)}`];
    throw new Failure(
      'failed',
      { kind: 'not-restored', about: [], sentence, next },
      { parts: failed.map((one) => ({ ...one, next: [] })) },
    );
  }
  const compared = await compareData(desired, hosts, facts);
  if (compared === 'denied') console.error(NOT_COMPARED);
  return compared;
}

/** The file as what a cluster can be made from. Throws a Failure when it must not be. */
export async function sourceOf(
  path: string,
  key: Key | undefined,
  { skipHashCheck }: Pick<RestoreArguments, 'skipHashCheck'>,
): Promise<RestoreSource> {
  const verdict = await verifySnapshot(path, key);
  const { size, sha256, record, isBare } = verdict;
  const skips = isBare && skipHashCheck;
  if (isBare && !skipHashCheck) {
    throw new Failure('refused', `${path}: ${verdict.fault}`, {
      next: [
        remedy`if it is a database copied from a data directory: add --skip-hash-check; nothing will tell whether it is whole`,
      ],
    });
  }
  if (!skips) refuseFaulty(verdict);
  if (size === undefined || sha256 === undefined) throw new TypeError(`${path} was not opened`);
  return {
    name: basename(path),
    sha256,
    size,
    skipHashCheck: skips,
    cluster: record?.cluster,
    clusterId: record?.clusterId,
    peers: record?.peers,
    etcd: record?.etcd,
    revision: record?.revision,
    keys: record?.keys,
  };
}

function wantsBump({ consumers }: Inventory, { kubernetes }: RestoreTerms): boolean {
  return (
    kubernetes ??
    consumers.some(({ name, certificate }) => (certificate ?? name).includes('apiserver'))
  );
}
