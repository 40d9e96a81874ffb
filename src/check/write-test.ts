import type { Host } from '../host/host.ts';
import { sh } from '../shell/command.ts';

const WRITES = 100;
const SECONDS = 5;
// What etcd's log writes and syncs at a time (etcd's advice for fio: --bs=2300 --fdatasync=1).
const BYTES = 2300;

/** How long the disk took to write and sync what etcd writes, in milliseconds. */
export interface WriteTest {
  readonly writes: number;
  readonly median: number;
  readonly p99: number;
}

/**
 * Writes and syncs small pieces in the directory, 100 or as many as five seconds allow, and removes them. Undefined where
 * nothing could be written.
 */
export async function testWrites(host: Host, directory: string): Promise<WriteTest | undefined> {
  const { stdout } = await host.run(
    sh`file=${directory}/.provision-write-test.$$
trap 'rm -f "$file"' EXIT
trap 'exit 1' HUP INT PIPE TERM
read -r now _ < /proc/uptime
end=$((\${now%.*} + ${SECONDS}))
i=0
while [ $i -lt ${WRITES} ] && [ "\${now%.*}" -lt "$end" ]; do
  dd if=/dev/zero of="$file" bs=${BYTES} count=1 oflag=append conv=notrunc,fdatasync 2>&1 || exit
  i=$((i + 1))
  read -r now _ < /proc/uptime
done`,
    { deadline: 4 * SECONDS },
  );
  return readWriteTest(stdout);
}

/** What dd said of each write. */
export function readWriteTest(said: string): WriteTest | undefined {
  const times = [...said.matchAll(/ copied, ([\d.e-]+) s/g)]
    .map(([, seconds]) => Number(seconds) * 1000)
    .sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1];
  const [median, p99] = [at(0.5), at(0.99)];
  return median === undefined || p99 === undefined
    ? undefined
    : { writes: times.length, median, p99 };
}
