import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

/** A command was sent and its end was not seen: it may have run in full, in part or not at all. Read the state again. */
export class UnknownOutcome extends Failure {
  override readonly name = 'UnknownOutcome';
  readonly host: string;

  constructor(host: string, why: string, command: string, cause?: unknown) {
    super('failed', `${host}: ${why}; whether the command took effect is unknown`, {
      next: [remedy`run the same provision command again: it reads the state of the hosts first`],
      cause,
      log: `command:\n${command}`,
    });
    this.host = host;
  }
}
