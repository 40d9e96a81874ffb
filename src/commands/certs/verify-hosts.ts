import { lookAt } from '../../facts/gather.ts';
import { clockOf } from '../../facts/host/clock.ts';
import {
  type ObservedCertificate,
  observeConsumerCertificates,
  observeMemberCertificates,
} from '../../facts/observed-certificates.ts';
import { isSeen } from '../../facts/unreachable.ts';
import type { Host } from '../../host/host.ts';
import type { StoreFacts } from '../../pki/store/store-facts.ts';
import { certificateProblem } from '../../pki/verify/certificate-problem.ts';
import { checkSeenCertificate } from '../../pki/verify/verify-observed.ts';
import type { Problem } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Session } from '../../run/session.ts';

/** What is wrong with certificates on hosts and on listeners, each judged by the clock of its host. */
export async function verifyHosts(
  session: Session,
  store: StoreFacts,
  now: Date,
): Promise<readonly Problem[]> {
  const { desired, hosts, consumers, unreachable } = session;
  const places = [
    ...desired.members.map((member) => ({
      name: member.name,
      hosts,
      ask: (host: Host) => observeMemberCertificates(host, desired, member),
    })),
    ...desired.consumers.map((consumer) => ({
      name: consumer.name,
      hosts: consumers,
      ask: (host: Host) => observeConsumerCertificates(host, consumer),
    })),
  ];
  const found = await Promise.all(
    places.map(async ({ name, hosts, ask }): Promise<readonly Problem[]> => {
      const look = await lookAt({ hosts, unreachable }, name, (host) =>
        Promise.all([clockOf(host), ask(host)]),
      );
      if (!isSeen(look)) return [unseen(name, look.unreachable.message)];
      const [clock, certificates] = look;
      return certificates.flatMap((one) => judged(name, one, clock, session, store, now));
    }),
  );
  return found.flat();
}

function judged(
  name: string,
  { row, place, fact, key }: ObservedCertificate,
  clock: Date,
  { desired: { certificates } }: Session,
  store: StoreFacts,
  now: Date,
): readonly Problem[] {
  const desired = certificates.find(({ id }) => id === `${name}/${row}`);
  if (desired === undefined) return [];
  const where = place === 'file' ? 'file there' : 'listener';
  return checkSeenCertificate({ desired, where, fact, clock, key }, store, now);
}

function unseen(about: string, why: string): Problem {
  const next = [remedy`fix the connection to it, or add --offline to look at the store alone`];
  return certificateProblem(about, 'seen', 'fail', why, next);
}
