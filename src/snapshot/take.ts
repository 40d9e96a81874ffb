import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { ownEtcd } from '../desired/access.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { programsAt } from '../desired/programs.ts';
import { NO_PROCESS, ownEtcdctl } from '../etcd/own-endpoint.ts';
import {
  countArguments,
  readCount,
  readSnapshotStatus,
  type SnapshotStatus,
  snapshotStatusCommand,
} from '../etcd/snapshot-tool.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { HostError } from '../host/host-error.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { sh } from '../shell/command.ts';
import { NO_SPACE, noSpaceFailure, requireSpace, slowestSeconds } from './require-space.ts';

export interface TakeOrder {
  /** Directory on the host where the snapshot lies while it travels. */
  readonly directory: string;
  /** Version of the etcd that runs there. */
  readonly version: string;
  /** Of its database now, bytes. */
  readonly dbSize: number;
  /** Name under which the snapshot stays in that directory, if it is to stay. */
  readonly keepAs: string | undefined;
}

export interface Taken {
  /** What etcd's own tool found in the file on the host. */
  readonly status: SnapshotStatus;
  /** Keys alive at the snapshot's revision; unknown where etcd's authentication forbids counting. */
  readonly keys: number | undefined;
}

/**
 * Has a member's host save a snapshot of its own etcd into a private file, streams it into `sink` as it grows, then
 * has etcd's tool walk through it there, and removes it unless it is to stay. In one channel: when that ends early, the
 * host cleans up. A pipe instead of the file would not do: from 3.4 on `snapshot save` fails at its fsync. Throws a Failure.
 */
export async function takeSnapshot(
  host: Host,
  cluster: Pick<DesiredCluster, 'unit' | 'paths'>,
  order: TakeOrder,
  sink: Writable,
  signal?: AbortSignal,
): Promise<Taken> {
  const { directory, version, dbSize, keepAs } = order;
  const own = ownEtcd(cluster);
  const seconds = slowestSeconds(dbSize);
  const place = `${directory}/.taking-${randomBytes(6).toString('hex')}`;
  const file = `${place}/snapshot.db`;
  const keep =
    keepAs === undefined
      ? sh``
      : sh`sync ${file}; mv -fT ${file} ${directory}/${keepAs}; sync ${directory}`;
  const count = countArguments().slice(0, -2);

  const script = sh`set -eu; umask 077; LC_ALL=C; export LC_ALL
mkdir -p ${directory}; chmod 700 ${directory}
find ${directory} -maxdepth 1 '(' -name '.taking-*' -o -name '.looking-*' -o -name '.drill-*' ')' -mmin +1440 -exec rm -rf '{}' +
${requireSpace(directory, dbSize)}
trap 'rm -rf ${place}' EXIT; trap 'exit 1' HUP INT PIPE TERM
mkdir ${place}
# etcdctl empties the file it finds, and what it writes is sent while it writes.
: > ${file}.part; exec 3< ${file}.part
{ ${ownEtcdctl(own, ['snapshot', 'save', file], seconds)}
} > ${place}/said 2>&1 3<&- &
saver=$!
tail -c +1 -f -s 0.1 --pid=$saver <&3 || true
wait $saver || { code=$?; cat ${place}/said >&2; exit $code; }
if ${snapshotStatusCommand(programsAt(cluster.paths), version, file)} > ${place}/status 2> ${place}/complaint; then
  revision=$(sed -n 's/.*"revision":\\([0-9]*\\).*/\\1/p' ${place}/status)
  { ${ownEtcdctl(own, [...count, sh`--rev="$revision"`, '-w', 'json'])}
  } > ${place}/count 2>/dev/null || echo no > ${place}/count
else echo no > ${place}/status; fi
echo "status=$(cat ${place}/status)" >&2
[ ! -e ${place}/count ] || echo "count=$(cat ${place}/count)" >&2
echo "complaint=$(tail -n 1 ${place}/complaint)" >&2
${keep}`;

  const result = await host.run(script, {
    output: sink,
    deadline: 60 + 2 * seconds,
    ...(signal && { signal }),
  });
  if (result.exitCode === NO_SPACE) throw noSpaceFailure(host, directory, dbSize, result.stderr);
  if (result.exitCode === NO_PROCESS) {
    throw new Failure('failed', `${host.name}: ${cluster.unit}.service runs no etcd any more`, {
      next: [remedy`see why: ${provision('doctor', INVENTORY)}`],
    });
  }
  if (result.exitCode !== 0) throw new HostError(host.name, 'save a snapshot', result);
  return read(host, result.stderr);
}

function read(host: Host, said: string): Taken {
  const find = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(said)?.[1] ?? '';
  const status = find('status');
  if (!status.startsWith('{')) {
    throw new Failure(
      'failed',
      `${host.name}: etcd's own tool cannot read the snapshot it has just saved: ${find('complaint')}`,
      { next: [remedy`look for a damaged disk or memory on that host; try another --member`] },
    );
  }
  const count = find('count');
  return {
    status: readSnapshotStatus(status),
    keys: count.startsWith('{') ? readCount(count) : undefined,
  };
}
