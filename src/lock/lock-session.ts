import { PassThrough, Writable } from 'node:stream';
import type { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { HostError } from '../host/host-error.ts';
import type { Command } from '../shell/command.ts';
import { lockLost } from './fenced-host.ts';
import { type Holder, readHolder } from './holder.ts';
import { HELD } from './lock-script.ts';
import { refuseStrangeFile } from './strange-file.ts';

const A_WEEK = 7 * 24 * 3600;

/** What one host's keeper said when it was asked for the lock. */
export type Answer =
  | { readonly kind: 'taken'; readonly quietFor: number; readonly cut: Holder | undefined }
  | { readonly kind: 'held'; readonly by: Holder | undefined };

/** The lock as one host keeps it. */
export interface LockSession {
  readonly host: string;
  readonly answer: Promise<Answer>;
  /** Rejects with a Failure when the keeper ends before it was told to. */
  readonly lost: Promise<never>;
  write(text: string): void;
  /** Ends the keeper; resolves when it has ended. */
  end(text: string): Promise<void>;
}

/** Starts a keeper on the host. Its answer rejects with a Failure when the host cannot do it. */
export function startLockSession(host: Host, cluster: string, keeper: Command): LockSession {
  const input = new PassThrough();
  const said = new Lines(2);
  let isOver = false;
  const ended = host.run(keeper, { input, output: said, deadline: A_WEEK, lasting: true });
  const answer = Promise.race([
    said.complete.then(readAnswer),
    ended.then((result): Answer => {
      if (result.exitCode === HELD) return { kind: 'held', by: readHolder(said.lines[1] ?? '') };
      refuseStrangeFile(host, cluster, result);
      throw new HostError(host.name, `lock ${cluster}`, result);
    }),
  ]);
  const lost = new Promise<never>((_resolve, reject) => {
    const fail = (cause?: Failure) => {
      if (!isOver) reject(lockLost(host.name, cluster, cause));
    };
    ended.then(() => fail(), fail);
  });
  // The caller awaits both; a keeper that nobody waits for any more must not end the program.
  answer.catch(() => {});
  lost.catch(() => {});
  return {
    host: host.name,
    answer,
    lost,
    write: (text) => {
      if (!isOver) input.write(text);
    },
    end: async (text) => {
      isOver = true;
      input.end(text);
      // A keeper that is gone already keeps nothing.
      await ended.catch(() => {});
    },
  };
}

// `taken UPTIME ENDED`, then the holder of a run that was cut off.
function readAnswer([first = '', second = '']: readonly string[]): Answer {
  const [, now, ended] = first.split(' ');
  const quietFor = ended === 'never' ? Number.POSITIVE_INFINITY : Number(now) - Number(ended);
  return {
    kind: 'taken',
    quietFor: Number.isNaN(quietFor) ? 0 : quietFor,
    cut: readHolder(second),
  };
}

/** Resolves when so many lines have arrived. */
class Lines extends Writable {
  readonly complete: Promise<readonly string[]>;
  readonly #wanted: number;
  #text = '';
  #done: (lines: readonly string[]) => void = () => {};

  constructor(wanted: number) {
    super();
    this.#wanted = wanted;
    this.complete = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  get lines(): readonly string[] {
    return this.#text.split('\n');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#text.length < 4096) this.#text += chunk.toString('utf8');
    if (this.lines.length > this.#wanted && !this.#text.startsWith('held')) this.#done(this.lines);
    done();
  }
}
