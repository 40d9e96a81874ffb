import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Every command line and environment any process of this machine had, lab hosts included, while this watched. */
export interface Watched {
  /** Ends the watch and gives what was seen: `pid: text`, NUL bytes as spaces. */
  end(): Promise<readonly string[]>;
}

const PAUSE = 15;
/** A process is a copy of its parent for a moment before it becomes what it runs. */
const LOOKS = 4;

export function watchProcesses(): Watched {
  const looks = new Map<string, number>();
  const seen = new Set<string>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      for (const pid of pids) {
        const count = looks.get(pid) ?? 0;
        if (count >= LOOKS || pid === String(process.pid)) continue;
        looks.set(pid, count + 1);
        for (const file of ['cmdline', 'environ']) {
          // Processes end while we look.
          const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
          if (text !== '') seen.add(`${pid}: ${text.replaceAll('\0', ' ')}`);
        }
      }
      for (const pid of looks.keys()) if (!pids.includes(pid)) looks.delete(pid);
      await sleep(PAUSE);
    }
  })();
  return {
    end: async () => {
      isOver = true;
      await watching;
      return [...seen];
    },
  };
}
