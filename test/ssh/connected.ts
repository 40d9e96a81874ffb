import type { ExecutionContext } from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import type { Host } from '../../src/host/host.ts';
import { type ConnectOptions, connectAll } from '../../src/ssh/connect.ts';
import type { Target } from '../../src/ssh/target.ts';
import { type Sshd, type SshdOptions, startSshd } from './sshd.ts';

/** An sshd of the test's own, stopped when the test is over. */
export async function sshdFor(t: ExecutionContext, options: SshdOptions = {}): Promise<Sshd> {
  const sshd = await startSshd(options);
  t.teardown(() => sshd.stop());
  return sshd;
}

/** What became of the target: a host that the test closes, or the failure. */
export async function attempt(
  t: ExecutionContext,
  target: Target,
  options: Partial<ConnectOptions> = {},
): Promise<Host | Failure> {
  const [outcome] = await connectAll([target], { concurrency: 4, ...options });
  if (outcome === undefined) throw new Error('no outcome');
  if (!(outcome instanceof Failure)) t.teardown(() => outcome.close());
  return outcome;
}

/** The host behind the target. */
export async function connected(
  t: ExecutionContext,
  target: Target,
  options: Partial<ConnectOptions> = {},
): Promise<Host> {
  const outcome = await attempt(t, target, options);
  if (outcome instanceof Failure) throw outcome;
  return outcome;
}

/** Why the target could not be reached. */
export async function refused(
  t: ExecutionContext,
  target: Target,
  options: Partial<ConnectOptions> = {},
): Promise<Failure> {
  const outcome = await attempt(t, target, options);
  if (outcome instanceof Failure) return outcome;
  throw new Error('connected');
}
