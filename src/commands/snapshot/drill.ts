import { ownEtcd } from '../../desired/access.ts';
import { leads } from '../../etcd/leader.ts';
import { askEtcd } from '../../facts/etcd/etcd.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { readInventory } from '../../inventory/read.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { drilledText } from '../../report/snapshot-text.ts';
import { refuseKept } from '../../run/refuse-kept.ts';
import { type Session, withSession } from '../../run/session.ts';
import { ANOTHER, NotRestorable, type Trial, tryRestore } from '../../snapshot/drill.ts';
import type { Key } from '../../snapshot/encryption.ts';
import { piecesOfSnapshot } from '../../snapshot/open.ts';
import { type Drill, writeRecord } from '../../snapshot/record.ts';
import { type SnapshotVerdict, verifySnapshot } from '../../snapshot/verify.ts';
import type { ArgumentsOf } from '../command.ts';
import { keyFor } from './key.ts';
import type { snapshotDrillOptions } from './options.ts';
import { noMember, snapshotNamed } from './verify.ts';

type DrillArguments = ArgumentsOf<typeof snapshotDrillOptions>;

/**
 * Proves that a snapshot can be restored, by restoring it on a member beside the cluster, and records the proof. It is no intent
 * and takes no lock, like `snapshot save`: it asks a question, what is in the snapshot, and its answer is what is wanted. Nothing
 * of the cluster is to become anything by it, and nothing is left of it, so there is nothing to prove afterwards.
 */
export async function snapshotDrill(args: DrillArguments): Promise<void> {
  const { inventory } = await readInventory(args.inventory);
  const path = await snapshotNamed(inventory, args);
  const key = await keyFor(path, args);
  const verdict = await verifySnapshot(path, key);
  await withSession({ ...args, needs: 'any-host' }, async (session) => {
    refuseKept(session.desired, 'a drill');
    const began = performance.now();
    const host = await stageOf(session, args.on);
    const drill = {
      at: new Date().toISOString(),
      member: host.name,
      etcd: session.desired.version,
    };
    const trial = await attempt(session, host, verdict, key).catch(async (error: unknown) => {
      if (error instanceof NotRestorable) {
        await recordDrill(verdict, { ...drill, fault: error.message });
        throw new Failure('failed', `${path}: ${error.message}`, {
          next: [remedy`take a new one now: ${provision('snapshot', 'save', INVENTORY)}`],
          log: error.log,
        });
      }
      throw error;
    });
    await recordDrill(verdict, { ...drill, ...(trial.keys !== undefined && { keys: trial.keys }) });
    const seconds = (performance.now() - began) / 1000;
    console.log(
      args.json
        ? JSON.stringify({ path, ...drill, ...trial, seconds })
        : drilledText(path, verdict, drill, trial, seconds),
    );
  });
}

async function attempt(
  { desired }: Session,
  host: Host,
  verdict: SnapshotVerdict,
  key: Key | undefined,
): Promise<Trial> {
  const { path, fault, size, sha256, record } = verdict;
  if (fault !== undefined || size === undefined || sha256 === undefined) {
    throw new NotRestorable('failed', fault ?? 'it could not be opened', { next: ANOTHER });
  }
  const shipment = { open: () => piecesOfSnapshot(path, key), size, sha256 };
  return tryRestore(host, desired, shipment, record);
}

/** The member that was named, else the last one that does not lead: it has least to do. */
async function stageOf({ desired, hosts, unreachable }: Session, named?: string): Promise<Host> {
  if (named !== undefined) {
    const host = hosts.get(named);
    if (host === undefined) throw unreachable.get(named) ?? noMember(named, hosts);
    return host;
  }
  const asked = await Promise.all(
    [...hosts.values()].map(async (host) => {
      const { status } = await askEtcd(host, ownEtcd(desired));
      return { host, isLeader: leads(status) };
    }),
  );
  const last = asked.filter(({ isLeader }) => !isLeader).at(-1) ?? asked.at(-1);
  if (last === undefined) throw noMember(undefined, hosts);
  return last.host;
}

async function recordDrill({ path, record }: SnapshotVerdict, drill: Drill): Promise<void> {
  if (record !== undefined) await writeRecord(path, { ...record, drill });
}
