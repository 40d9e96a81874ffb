import { isDeepStrictEqual } from 'node:util';
import { tryProgram } from '../../binaries/trial.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import type { StartedProgram } from '../../plan/carried.ts';
import type { Lane } from '../../plan/lane.ts';
import type { HostStep } from '../../plan/step.ts';
import { type Command, lines, sh } from '../../shell/command.ts';

/** Milliseconds for which a trial counts: what a program needs beside its own file may change too. */
const FRESH = 60_000;

/** A program that has just run as its unit is about to run it. */
export interface Tried {
  readonly program: StartedProgram;
  /** Which file that was, as its host tells it. */
  readonly file: string;
  /** When it began, as `performance.now()` counts. */
  readonly began: number;
}

/**
 * Programs are tried beside what goes before their start: the first one while its turn begins, each further one while the
 * member before it stops. Nothing is begun or refused by it: who stops a member asks whether that file has been tried.
 */
export class Trials {
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #begun = new Map<string, Promise<Tried | undefined>>();
  readonly #over = new AbortController();
  #next: readonly Lane[] = [];

  constructor(hosts: ReadonlyMap<string, Host>) {
    this.#hosts = hosts;
  }

  /** Begins those of a turn; those of the next one begin once a member of this one stops. */
  begin(lanes: readonly Lane[], next: readonly Lane[] = []): void {
    for (const lane of lanes) {
      if (lane.place !== 'host' || this.#begun.has(lane.host)) continue;
      const [host, asked] = [this.#hosts.get(lane.host), programIn(lane.steps)];
      if (host === undefined || asked === undefined) continue;
      this.#begun.set(lane.host, tryNow(host, asked, this.#over.signal));
    }
    this.#next = next;
  }

  /** Ends what is still under way: nobody waits for it any more. */
  end(): void {
    this.#over.abort();
  }

  /** What was tried on this host, where that was this program; those of the next turn are begun. */
  async of(host: string, program: StartedProgram): Promise<Tried | undefined> {
    const tried = await this.#begun.get(host);
    this.#begun.delete(host);
    this.begin(this.#next);
    const isFresh = tried !== undefined && performance.now() - tried.began < FRESH;
    return isFresh && isDeepStrictEqual(tried.program, program) ? tried : undefined;
  }
}

/** A trial that is left out where that very file has passed it. */
export function unlessTried(tried: Tried | undefined, path: string, trial: Command): Command {
  if (tried === undefined) return trial;
  return sh`if [ ! -x ${path} ] || [ "$(${fileAt(path)})" != ${tried.file} ]; then
${trial}
fi`;
}

/** A program that a unit is about to run, and where its file is until then. */
interface Asked {
  readonly program: StartedProgram;
  readonly path: string;
}

/** What a lane restarts, and where its file is before the lane is walked; nothing where the lane brings it. */
function programIn(steps: readonly HostStep[]): Asked | undefined {
  if (steps.some(({ kind }) => kind === 'upload' || kind === 'prepare-host')) return undefined;
  const restart = steps.find((step) => step.kind === 'restart-unit');
  if (restart?.kind !== 'restart-unit' || restart.program === undefined) return undefined;
  const { program } = restart;
  const link = steps.find((step) => step.kind === 'point-link');
  const isBehind = link?.kind === 'point-link' && program.path.startsWith(`${link.link}/`);
  const path = isBehind ? `${link.target}${program.path.slice(link.link.length)}` : program.path;
  return { program, path };
}

/** Gives nothing where it is not fit, or its host cannot be asked: the trial right before its start says why. */
async function tryNow(
  host: Host,
  { program, path }: Asked,
  signal: AbortSignal,
): Promise<Tried | undefined> {
  const began = performance.now();
  const file = fileAt(path);
  const ask = lines([
    sh`file=$(${file}) || exit`,
    tryProgram(sh`${path}`, program),
    sh`echo "$file"`,
  ]);
  try {
    const { exitCode, stdout } = await host.run(ask, { signal });
    const told = stdout.trim();
    return exitCode === 0 && told !== '' ? { program, file: told, began } : undefined;
  } catch (error) {
    if (error instanceof Failure || signal.aborted) return undefined;
    throw error;
  }
}

/** Which file a path leads to; another one, or the same written anew, is told otherwise. */
function fileAt(path: string): Command {
  return sh`stat -L -c '%d:%i:%s:%.9Y:%.9Z' ${path}`;
}
