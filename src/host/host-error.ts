import { Failure } from '../failure/failure.ts';
import type { Next } from '../problem/remedy.ts';
import type { Command } from '../shell/command.ts';
import type { Host, Result, RunOptions } from './host.ts';
import { lastWords, printable } from './printable.ts';

/** A command that had to succeed and did not; the whole result stays readable in `result`. */
export class HostError extends Failure {
  override readonly name = 'HostError';
  readonly host: string;
  readonly result: Result;

  constructor(host: string, purpose: string, result: Result, next: Next = []) {
    super('failed', `${host}: could not ${purpose}: ${why(result)}`, {
      next,
      log: printable(
        `exit code ${result.exitCode}\nstdout:\n${result.stdout}\nstderr:\n${result.stderr}`,
      ),
    });
    this.host = host;
    this.result = result;
  }
}

/** Runs the command; throws a HostError that says what it was for unless it exits 0. */
export async function must(
  host: Host,
  purpose: string,
  command: Command,
  options?: RunOptions,
): Promise<Result> {
  const result = await host.run(command, options);
  if (result.exitCode !== 0) throw new HostError(host.name, purpose, result);
  return result;
}

// coreutils and systemctl put the reason last, after the path.
function why({ exitCode, stderr, stdout }: Result): string {
  return lastWords(stderr) || lastWords(stdout) || `exit code ${exitCode}, without a word`;
}
