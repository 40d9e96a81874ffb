import { clockOf } from '../../facts/host/clock.ts';
import {
  type ObservedCertificate,
  observeConsumerCertificates,
  observeMemberCertificates,
} from '../../facts/observed-certificates.ts';
import { isSeen } from '../../facts/unreachable.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import type { StoreFacts } from '../../pki/store/store-facts.ts';
import { certificateProblem } from '../../pki/verify/certificate-problem.ts';
import type { CertificateFact } from '../../pki/verify/inspect.ts';
import { daysLeft } from '../../pki/verify/judge.ts';
import { checkSeenCertificate } from '../../pki/verify/verify-observed.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { observeHosts } from '../../run/observe-hosts.ts';
import type { Session } from '../../run/session.ts';

/** What is wrong with certificates on hosts and on listeners, each judged by the clock of its host. */
export async function verifyHosts(
  session: Session,
  store: StoreFacts,
  now: Date,
): Promise<readonly Problem[]> {
  const { members, consumers } = await observeHosts(session, {
    member: (host, member) =>
      seenThere(host, observeMemberCertificates(host, session.desired, member, session.store)),
    consumer: (host, consumer) => seenThere(host, observeConsumerCertificates(host, consumer)),
  });
  return [...members, ...consumers].flatMap(([name, look]) => {
    if (!isSeen(look)) return [unseen(name, look.unreachable.message)];
    const { clock, certificates } = look;
    return certificates.flatMap((one) => judged(name, one, clock, session, store, now));
  });
}

/** Certificates with the clock by which they count. */
async function seenThere(host: Host, asked: Promise<readonly ObservedCertificate[]>) {
  const [clock, certificates] = await Promise.all([clockOf(host), asked]);
  return { clock, certificates };
}

function judged(
  name: string,
  { row, place, fact, key, isBesideOurs }: ObservedCertificate,
  clock: Date,
  { desired: { certificates } }: Session,
  store: StoreFacts,
  now: Date,
): readonly Problem[] {
  const desired = certificates.find(({ id }) => id === `${name}/${row}`);
  if (desired === undefined) return [];
  const isTheirs = isBesideOurs && !store.certificates.has(desired.id);
  if (isTheirs && !(fact instanceof Failure)) return ended(`${name}/${row}`, fact, clock);
  const where = place === 'file' ? 'file there' : 'listener';
  return checkSeenCertificate({ desired, where, fact, clock, key }, store, now);
}

/** A certificate that somebody else has made is only known to end. */
function ended(about: string, fact: CertificateFact, clock: Date): readonly Problem[] {
  if (daysLeft(fact, clock) >= 0) return [];
  const next = [remedy`${provision('certs', 'rotate', INVENTORY)}`];
  return [certificateProblem(about, 'expired', 'fail', 'has ended', next)];
}

function unseen(about: string, why: string): Problem {
  const next = [remedy`fix the connection to it, or add --offline to look at the store alone`];
  return certificateProblem(about, 'seen', 'fail', why, next);
}
