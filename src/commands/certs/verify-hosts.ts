import { clockOf } from '../../facts/clock.ts';
import {
  type ObservedCertificate,
  observeCertificates,
  shownToConsumer,
} from '../../facts/observed-certificates.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { type Finding, findingOf } from '../../pki/finding.ts';
import type { StoreFacts } from '../../pki/store-facts.ts';
import { checkSight } from '../../pki/verify-observed.ts';
import type { Session } from '../../run/session.ts';

/** What is wrong with certificates on hosts and on listeners, each judged by the clock of its host. */
export async function verifyHosts(
  session: Session,
  store: StoreFacts,
  now: Date,
): Promise<readonly Finding[]> {
  const { desired, hosts, consumers, unreachable } = session;
  const lookedAt = [
    ...desired.members.map((member) => ({
      name: member.name,
      host: hosts.get(member.name),
      look: (host: Host) => observeCertificates(host, desired, member),
    })),
    ...desired.consumers.map((consumer) => ({
      name: consumer.name,
      host: consumers.get(consumer.name),
      look: (host: Host) => shownToConsumer(host, consumer),
    })),
  ];
  const found = await Promise.all(
    lookedAt.map(async ({ name, host, look }): Promise<readonly Finding[]> => {
      if (host === undefined) return [unseen(name, unreachable.get(name)?.message)];
      try {
        const [clock, shown] = await Promise.all([clockOf(host), look(host)]);
        return shown.flatMap((one) => judged(name, one, clock, session, store, now));
      } catch (error) {
        if (error instanceof Failure) return [unseen(name, error.message)];
        throw error;
      }
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
): readonly Finding[] {
  const desired = certificates.find(({ id }) => id === `${name}/${row}`);
  if (desired === undefined) return [];
  const where = place === 'file' ? 'file there' : 'listener';
  return checkSight({ desired, where, fact, clock, key }, store, now);
}

function unseen(about: string, why = 'could not be reached'): Finding {
  const next = 'fix the connection to it, or add --offline to look at the store alone';
  return findingOf(about, 'seen', 'fail', why, next);
}
