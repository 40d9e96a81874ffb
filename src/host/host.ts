import type { Duplex, Writable } from 'node:stream';
import type { Command } from '../shell/command.ts';

/** How a command ended. Every exit code is a value; the caller that needed success says what for (`must`). */
export interface Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /**
   * What the command reads; never logged, so secrets travel here. Without it stdin is closed at once. A piece was taken
   * when the next one is asked for.
   */
  readonly input?: string | Buffer | AsyncIterable<Buffer>;
  /** Where stdout goes instead of into the result; ended when the command ends, unless it is the process's own. */
  readonly output?: Writable;
  /** Seconds after which the command is given up with an UnknownOutcome and ended over there; 60 unless told. */
  readonly deadline?: number;
  /** Ends the command early: its channel is closed. */
  readonly signal?: AbortSignal;
  /** It lives as long as the run, so it takes no turn from other commands. */
  readonly lasting?: boolean;
}

/**
 * A machine as the whole program sees it. What is sent runs as root under /bin/sh, whatever the login shell.
 * `run` resolves for every exit code. It throws a Failure: reason `unreachable` when the machine cannot be talked to,
 * `failed` with an unknown outcome when the deadline passes or the channel closes without an exit status.
 * Output kept in the result is at most 16 MiB a stream.
 */
export interface Host {
  readonly name: string;
  run(command: Command, options?: RunOptions): Promise<Result>;
  /** A TCP connection made from the machine, to itself or to another; ends with the connection to it. */
  dial(address: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
}
