import { randomBytes } from 'node:crypto';
import { memberAccess } from '../desired/access.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import type { Protocol } from '../desired/dual-protocol.ts';
import { programsAt } from '../desired/programs.ts';
import { readEndpointStatus } from '../etcd/answers.ts';
import { isDenied } from '../etcd/denied.ts';
import { etcdctl } from '../etcd/etcdctl.ts';
import {
  countArguments,
  readCount,
  readSnapshotStatus,
  type SnapshotStatus,
  snapshotRestoreCommand,
  snapshotStatusCommand,
} from '../etcd/snapshot-tool.ts';
import { syncJournal } from '../facts/host/journal.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { lastWords } from '../host/printable.ts';
import { INVENTORY, type Next, provision, remedy } from '../problem/remedy.ts';
import { type Command, sh } from '../shell/command.ts';
import type { SnapshotRecord } from './record.ts';
import { slowestSeconds } from './require-space.ts';
import { type Shipment, uploadSnapshot } from './upload.ts';

/** What a restore on trial showed. */
export interface Trial {
  readonly revision: number;
  /** Unknown where etcd's authentication forbids counting. */
  readonly keys: number | undefined;
}

/** The snapshot cannot be restored, or is not what was recorded: that is told of the snapshot, not of the host. */
/** What helps where a snapshot is of no use. */
export const ANOTHER: Next = [remedy`take another: ${provision('snapshot', 'save', INVENTORY)}`];

export class NotRestorable extends Failure {
  override readonly name = 'NotRestorable';
}

type Cluster = Pick<DesiredCluster, 'name' | 'version' | 'protocol' | 'paths'>;

interface Stage {
  readonly place: string;
  readonly unit: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
}

/**
 * Restores a snapshot on a host into a scratch directory, starts an etcd of its own there on loopback ports, compares its
 * revision and keys with what was recorded, and removes everything. The etcd that serves there goes first in memory,
 * processor and disk. Throws NotRestorable, or another Failure where the trial could not be made.
 */
export async function tryRestore(
  host: Host,
  cluster: Cluster,
  shipment: Shipment,
  record: SnapshotRecord | undefined,
  signal?: AbortSignal,
): Promise<Trial> {
  const id = randomBytes(6).toString('hex');
  const place = `${cluster.paths.snapshots}/.drill-${id}`;
  const unit = `provision-drill-${id}`;
  try {
    await uploadSnapshot(host, `${place}/snapshot.db`, 'root:root', shipment, {
      spaceBeside: shipment.size + 128_000_000,
      ...(signal && { signal }),
    });
    const [client, peer] = await freePorts(host);
    const protocol = await protocolThere(host, cluster);
    const stage = {
      ...{ place, unit },
      clientUrl: `${protocol}://127.0.0.1:${client}`,
      peerUrl: `${protocol}://127.0.0.1:${peer}`,
    };
    const status = await restoreInto(host, cluster, stage, shipment.size);
    await start(host, cluster, stage, shipment.size);
    return await compare(host, cluster, stage, status, record);
  } finally {
    await must(
      host,
      `end the trial ${unit}`,
      sh`systemctl stop ${unit}.service 2>/dev/null; rm -rf ${place}`,
      { deadline: 120 },
    );
  }
}

async function freePorts(host: Host): Promise<readonly [string, string]> {
  const { stdout } = await must(
    host,
    'find free ports',
    sh`for port in $(shuf -i 20000-32000 -n 40); do [ -n "$(ss -Hltn sport = :$port)" ] || echo $port; done | head -n 2`,
  );
  const [client = '', peer = ''] = stdout.trim().split('\n');
  return [client, peer];
}

/** The inventory's protocol, unless the host has no certificates yet: a switch may be before it, or behind. */
async function protocolThere(host: Host, { protocol, paths }: Cluster): Promise<Protocol> {
  if (protocol === 'http') return protocol;
  const { exitCode } = await host.run(sh`[ -e ${`${paths.pki}/server.key`} ]`);
  return exitCode === 0 ? 'https' : 'http';
}

async function restoreInto(
  host: Host,
  { paths, version }: Cluster,
  { place, peerUrl }: Stage,
  size: number,
): Promise<SnapshotStatus> {
  const file = `${place}/snapshot.db`;
  const restore = snapshotRestoreCommand(programsAt(paths), version, {
    ...{ snapshot: file, name: 'drill', peerUrl, token: place },
    ...{ initialCluster: `drill=${peerUrl}`, data: `${place}/data` },
    ...{ bumpRevision: 0, skipHashCheck: false },
  });
  const { exitCode, stdout, stderr } = await host.run(
    sh`umask 077; ${snapshotStatusCommand(programsAt(paths), version, file)} && said=$(${restore} 2>&1) || { code=$?; printf '%s\\n' "$said" >&2; exit $code; }`,
    { deadline: 3 * slowestSeconds(size) },
  );
  if (exitCode !== 0) {
    throw new NotRestorable(
      'failed',
      `${host.name}: etcd's own tool cannot restore it: ${lastWords(firstLine(stderr))}`,
      { log: stderr, next: ANOTHER },
    );
  }
  return readSnapshotStatus(stdout);
}

async function start(host: Host, cluster: Cluster, stage: Stage, size: number): Promise<void> {
  const seconds = slowestSeconds(size);
  const { place, unit, clientUrl, peerUrl } = stage;
  const flags = [
    ...['--name=drill', `--data-dir=${place}/data`],
    ...[`--listen-client-urls=${clientUrl}`, `--advertise-client-urls=${clientUrl}`],
    ...[`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`],
    ...[`--initial-cluster=drill=${peerUrl}`, `--initial-cluster-token=${place}`],
    ...(clientUrl.startsWith('https:') ? tlsFlags(cluster.paths.pki) : []),
  ];
  const properties = [
    ...['OOMScoreAdjust=1000', 'Nice=19', 'IOSchedulingClass=idle', 'Restart=no'],
    ...['ProtectSystem=strict', `ReadWritePaths=${place}`, 'NoNewPrivileges=yes'],
    // The certificates' keys belong to another account.
    ...['CapabilityBoundingSet=CAP_DAC_READ_SEARCH', 'LimitCORE=0'],
    ...[`TimeoutStartSec=${seconds}`, `RuntimeMaxSec=${2 * seconds}`],
  ].map((property) => `--property=${property}`);
  const run: Command = sh`systemd-run --quiet --collect --unit=${unit} --service-type=notify ${properties} ${programsAt(cluster.paths)}/etcd ${flags}`;
  const { exitCode, stderr } = await host.run(
    sh`${run} || { code=$?; ${syncJournal}; journalctl --unit=${unit} --lines=20 --output=cat >&2; exit $code; }`,
    { deadline: seconds + 30 },
  );
  if (exitCode !== 0) {
    throw new NotRestorable(
      'failed',
      `${host.name}: etcd does not start with what was restored: ${lastWords(stderr)}`,
      { log: stderr, next: ANOTHER },
    );
  }
}

async function compare(
  host: Host,
  cluster: Cluster,
  { clientUrl }: Stage,
  expected: SnapshotStatus,
  record: SnapshotRecord | undefined,
): Promise<Trial> {
  const protocol = clientUrl.startsWith('https:') ? 'https' : 'http';
  const access = memberAccess({ ...cluster, protocol }, [clientUrl]);
  const status = await must(
    host,
    'ask the trial',
    etcdctl(access, ['endpoint', 'status', '-w', 'json']),
  );
  const revision = readEndpointStatus(status.stdout)[0]?.revision ?? 0;
  const wanted = record?.revision ?? expected.revision;
  if (revision < wanted || expected.revision !== wanted) {
    throw different(
      host,
      `revision ${Math.min(revision, expected.revision)}, recorded were ${wanted}`,
    );
  }
  const answer = await host.run(etcdctl(access, countArguments(), 60), { deadline: 90 });
  if (answer.exitCode !== 0) {
    if (isDenied(answer.stderr)) return { revision, keys: undefined };
    throw different(host, `does not count its keys: ${lastWords(answer.stderr)}`);
  }
  const keys = readCount(answer.stdout);
  if (record?.keys !== undefined && keys !== record.keys) {
    throw different(host, `${keys} keys, recorded were ${record.keys}`);
  }
  return { revision, keys };
}

function different(host: Host, what: string): NotRestorable {
  return new NotRestorable(
    'failed',
    `${host.name}: what was restored is not what was saved: ${what}`,
    { next: ANOTHER },
  );
}

function tlsFlags(pki: string): readonly string[] {
  return [
    ...[`--cert-file=${pki}/server.crt`, `--key-file=${pki}/server.key`],
    ...[`--trusted-ca-file=${pki}/ca.crt`, '--client-cert-auth=true'],
    ...[`--peer-cert-file=${pki}/peer.crt`, `--peer-key-file=${pki}/peer.key`],
    ...[`--peer-trusted-ca-file=${pki}/ca.crt`, '--peer-client-cert-auth=true'],
  ];
}

// What damaged pages make of the tool is a crash with a page of goroutines.
function firstLine(said: string): string {
  return said.split('\n').find((line) => line.trim() !== '') ?? '';
}
