import { type Rejection, rejectionsSince } from '../../facts/clients/rejections.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { Step } from '../../plan/step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import { pause } from '../pause.ts';

/** Milliseconds between two looks at a log. */
const PAUSE = 1000;

/** What is told of rejected clients. */
const ADVICE = [
  remedy`see who they are: ${provision('certs', 'rotate-ca', INVENTORY)}; give them trust.pem of the store and certificates of the new CA, then run the same command again; or accept that they are cut off: --accept ADDRESS`,
];

/**
 * Reads a member's log for as long as told from its start on. Throws a Failure (paused) as soon as it has rejected somebody
 * who must not be.
 */
export async function watchClients(
  { member, unit, window, accepted }: Extract<Step, { kind: 'watch-clients' }>,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const { stdout } = await must(
    host,
    `see when ${unit} started`,
    sh`date -d "$(systemctl show ${unit}.service --property=ExecMainStartTimestamp --value)" +%s`,
  );
  const rejected = await watched(host, unit, Number(stdout), window, accepted, signal);
  if (rejected.length > 0) throw rejectedAt(member, rejected);
}

/** The first clients that are rejected since that second and must not be; none when the time is over. */
export async function watched(
  host: Host,
  unit: string,
  since: number,
  window: number,
  accepted: readonly string[],
  signal: AbortSignal,
): Promise<readonly Rejection[]> {
  const until = Date.now() + window * 1000;
  for (;;) {
    const isLast = Date.now() >= until;
    const found = await rejectionsSince(host, unit, since);
    const rejected = found.filter(({ address }) => !accepted.includes(address));
    if (rejected.length > 0 || isLast) return rejected;
    await pause(Math.min(PAUSE, Math.max(0, until - Date.now())), signal);
  }
}

/** The Failure that names who was rejected, and why. */
export function rejectedAt(member: string, rejected: readonly Rejection[]): Failure {
  const sentences = rejected.map(({ address, why }) =>
    why === 'the client distrusts the member'
      ? `${address} does not trust the CA of the certificate that ${member} shows`
      : `${address} shows a certificate of a CA that ${member} does not trust any more`,
  );
  return new Failure('paused', `${member}: clients were rejected: ${sentences.join('; ')}`, {
    next: ADVICE,
  });
}
