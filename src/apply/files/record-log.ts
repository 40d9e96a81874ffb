import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { incarnationFile, readIncarnation } from '../../desired/incarnation.ts';
import { readWalOwner, settledLength } from '../../etcd/wal.ts';
import { properties } from '../../facts/fact.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { writeFiles } from '../../host/write-files.ts';
import type { LogPlace } from '../../plan/carried.ts';
import { type Command, sh } from '../../shell/command.ts';

/** Bytes of a log's beginning that tell it from others. */
const BEGINNING = 262_144;

/**
 * Records which log a member has, unless one of the same ids is recorded already: a log that took its place must stay
 * noticed. Throws a HostError.
 */
export async function recordLog(host: Host, log: LogPlace, member: string): Promise<void> {
  const { stdout } = await must(host, 'read the beginning of its log', readBeginning(log));
  await recordBeginning(host, log, member, stdout);
}

/** Prints the beginning of a member's log, with the record there is of it; nothing where there is no log. */
export function readBeginning({ wal, record: path }: LogPlace): Command {
  return sh`set -- ${wal}/*.wal
[ -f "$1" ] || exit 0
mkdir -p ${dirname(path)}
echo "segment=\${1##*/}"
echo "log=$(head -c ${BEGINNING} "$1" | gzip -1 | base64 -w 0)"
[ ! -f ${path} ] || head -c 4096 ${path}`;
}

async function recordBeginning(
  host: Host,
  { cluster, record: path }: LogPlace,
  member: string,
  stdout: string,
): Promise<void> {
  const [first = '', second = '', ...rest] = stdout.split('\n');
  const found = properties(`${first}\n${second}`);
  const [segment, log] = [found.get('segment'), found.get('log')];
  if (segment === undefined || log === undefined || log === '') return;
  const beginning = gunzipSync(Buffer.from(log, 'base64'));
  const owner = readWalOwner(beginning);
  const known = readIncarnation(rest.join('\n'));
  const isKnown = known?.memberId === owner?.memberId && known?.clusterId === owner?.clusterId;
  if (owner === undefined || isKnown) return;
  const length = settledLength(beginning);
  const sha256 = createHash('sha256').update(beginning.subarray(0, length)).digest('hex');
  const content = incarnationFile({ cluster, member }, { ...owner, segment, length, sha256 });
  const file = { path, content, mode: 0o600, owner: 'root:root' };
  // What stands there is of a log that is gone, of this cluster or of one that had the unit before.
  await writeFiles(host, [file]);
}

/**
 * The same by what `readBeginning` has printed, where nothing depends on it: what was not recorded the next `up` records, or
 * says why it cannot.
 */
export async function recordIfPossible(
  host: Host,
  log: LogPlace,
  member: string,
  beginning: string,
): Promise<void> {
  try {
    await recordBeginning(host, log, member, beginning);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}
