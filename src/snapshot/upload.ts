import type { Host } from '../host/host.ts';
import { HostError } from '../host/host-error.ts';
import { sh } from '../shell/command.ts';
import { sumOf } from '../shell/sha256.ts';
import { NO_SPACE, noSpaceFailure, requireSpace, slowestSeconds } from './require-space.ts';

/** A snapshot on its way to a host. */
export interface Shipment {
  /** The snapshot from its first byte; asked for once a host. */
  readonly open: () => Promise<AsyncIterable<Buffer>>;
  /** bytes */
  readonly size: number;
  readonly sha256: string;
}

/**
 * Brings a snapshot to a path on the host, mode 0600, owned by the account: streamed beside its place, checked there by
 * sha256, synced, renamed. Bytes that are to fit beside it, as a restored copy, are asked for at once. Does nothing where
 * the same file is there. Throws a Failure.
 */
export async function uploadSnapshot(
  host: Host,
  path: string,
  owner: string,
  shipment: Shipment,
  options: {
    readonly spaceBeside: number;
    readonly onBytes?: (bytes: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { size, sha256 } = shipment;
  const part = `${path}.part`;
  const directory = path.slice(0, path.lastIndexOf('/'));
  const seconds = slowestSeconds(size);
  const fits = (file: string) => sh`{ ${sumOf(file)}; [ "$sum" = ${sha256} ]; }`;
  const there = await host.run(sh`[ -f ${path} ] && ${fits(path)}`, { deadline: seconds });
  if (there.exitCode === 0) return;

  const script = sh`set -eu; umask 077; LC_ALL=C; export LC_ALL
mkdir -p ${directory}
${requireSpace(directory, size + options.spaceBeside)}
trap 'rm -f ${part}' EXIT; trap 'exit 1' HUP INT PIPE TERM
cat > ${part} || { echo "df=$(df -Pk ${directory} | tail -n 1)" >&2; exit ${NO_SPACE}; }
${fits(part)} || { echo "what arrived is not what was sent" >&2; exit 1; }
chown ${owner} ${part}
sync ${part}
mv -fT ${part} ${path}`;
  const source = await shipment.open();
  const result = await host.run(script, {
    input: counted(source, options.onBytes),
    deadline: seconds * 2,
    ...(options.signal && { signal: options.signal }),
  });
  if (result.exitCode === NO_SPACE) {
    throw noSpaceFailure(host, directory, size + options.spaceBeside, result.stderr);
  }
  if (result.exitCode !== 0)
    throw new HostError(host.name, `bring the snapshot to ${path}`, result);
}

async function* counted(
  source: AsyncIterable<Buffer>,
  onBytes: (sent: number) => void = () => {},
): AsyncIterable<Buffer> {
  let sent = 0;
  for await (const piece of source) {
    yield piece;
    sent += piece.length;
    onBytes(sent);
  }
}
