import { Failure } from '../failure/failure.ts';
import { filePieces } from '../host/file-pieces.ts';
import type { Host } from '../host/host.ts';
import { HostError } from '../host/host-error.ts';
import { remedy } from '../problem/remedy.ts';
import { type Command, sh } from '../shell/command.ts';
import { sumOf } from '../shell/sha256.ts';
import type { Binary, BinaryName } from './binary.ts';
import { IDENTITY, noteOf } from './question.ts';
import { type Replaceable, TAKEN, taken, unlessInUse } from './replaceable.ts';
import { type Trial, tryArrived, UNFIT, unfit } from './trial.ts';

const NO_SPACE = 28;
// Filling the file system an etcd writes to ends that etcd.
const SPACE_LEFT_BYTES = 64 * 1024 * 1024;
const SLOWEST_BYTES_PER_SECOND = 65_536;

export interface UploadOptions {
  /** Hears how many bytes more were sent. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** How it is run there before it is put in place. */
  readonly trial?: Trial;
  /** What may be replaced; anything where it is left out. */
  readonly replaces?: Replaceable;
}

/**
 * Puts a program into a directory of the host, root's and 0755: streamed beside its place, checked there by sha256,
 * run there, synced, renamed. The same program that is there by then stays. Throws a Failure; the old file is then
 * untouched.
 */
export async function uploadBinary(
  host: Host,
  directory: string,
  binary: Binary,
  options: UploadOptions = {},
): Promise<void> {
  const { name, path, sha256, size } = binary;
  const { onBytes = () => {}, signal, trial, replaces } = options;
  const part = `.${name}.part`;
  const seconds = 60 + Math.ceil(size / SLOWEST_BYTES_PER_SECOND);
  // Each fork costs a host about a millisecond of CPU, so what a test of the shell can spare is spared.
  const script = sh`set -eu; umask 022; LC_ALL=C; export LC_ALL
[ -d ${directory} ] || mkdir -p ${directory}
cd ${directory}
# Two clusters may share the directory, and their runs come at the same time; the kernel frees it however the shell ends.
exec 9< . && flock -w ${seconds} 9 || { echo "another run has been putting programs there for ${seconds} s" >&2; exit 1; }
[ ! -e ${part} ] || rm -f ${part}
${unlessThere(name, sha256, trial)}
${replaces === undefined ? sh`` : unlessInUse(name, replaces)}
set -- $(stat -f -c '%a %S' .)
[ $(($1 * $2)) -ge ${size + SPACE_LEFT_BYTES} ] || { df -Pk . | tail -n 1; exit ${NO_SPACE}; }
trap 'rm -f ${part}' EXIT; trap 'exit 1' HUP INT PIPE TERM
cat > ${part} || { df -Pk . | tail -n 1; exit ${NO_SPACE}; }
${sumOf(part)}
[ "$sum" = ${sha256} ] || { echo "arrived with sha256 $sum instead of ${sha256}" >&2; exit 1; }
[ -O ${part} ] && [ ! -g . ] || chown root:root ${part}
chmod 755 ${part}
sync ${part}
${trial === undefined ? sh`` : tried(name, sh`$PWD/${part}`, trial)}
mv -fT ${part} ${name}
trap - EXIT HUP INT PIPE TERM
${noted(name)}`;

  const result = await host.run(script, {
    input: counted(path, onBytes),
    // Another run may come first.
    deadline: 2 * seconds,
    ...(signal && { signal }),
  });
  if (result.exitCode === UNFIT && trial !== undefined)
    throw unfit(host.name, `${directory}/${name}`, trial.version, result.stdout);
  if (result.exitCode === TAKEN) throw taken(host, `${directory}/${name}`, result.stdout);
  if (result.exitCode === NO_SPACE) throw noSpace(host, directory, binary, result.stdout);
  if (result.exitCode !== 0) {
    throw new HostError(host.name, `put ${name} into ${directory}`, result);
  }
}

// Another cluster may have put it there meanwhile and run it: replaced by its like, its process would seem to run a
// program that is gone. One that others could have changed is brought again.
function unlessThere(name: BinaryName, sha256: string, trial: Trial | undefined): Command {
  return sh`if [ -f ${name} ] && [ ! -L ${name} ] && [ "$(stat -c '%a %U' ${name})" = '755 root' ]; then
  ${sumOf(name)}
  if [ "$sum" = ${sha256} ]; then
    ${trial === undefined ? sh`` : tried(name, sh`$PWD/${name}`, trial)}
    ${noted(name)}
    exit 0
  fi
fi`;
}

function noted(name: BinaryName): Command {
  return sh`echo "$sum $(stat -c ${IDENTITY} ${name})" > ${noteOf(name)}`;
}

// The tools need no sandbox: they are run by root, and say what an etcd of theirs says only in 3.5 and later.
function tried(name: BinaryName, part: Command, trial: Trial): Command {
  if (name === 'etcd') return sh`( set +eu; ${tryArrived(part, trial)} )`;
  return sh`said=$(ETCDCTL_API=3 ${part} version 2>&1) || { printf 'unfit %s\\n%s\\n' $? "$said"; exit ${UNFIT}; }`;
}

async function* counted(path: string, onBytes: (bytes: number) => void): AsyncIterable<Buffer> {
  for await (const piece of filePieces(path)) {
    onBytes(piece.length);
    yield piece;
  }
}

function noSpace(host: Host, directory: string, { name, size }: Binary, df: string): Failure {
  const [device = 'its device', , , free = '0', , mount = '?'] = df.trim().split(/\s+/);
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return new Failure(
    'failed',
    `${host.name}: no space for ${name} in ${directory}: it needs ${mebibytes(size)} and ${mebibytes(SPACE_LEFT_BYTES)} left over, ${device} on ${mount} has ${mebibytes(Number(free) * 1024)} free`,
    {
      log: df,
      next: [remedy`free some space on ${mount} of ${host.name}, then run it again`],
    },
  );
}
