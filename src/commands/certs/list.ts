import { writeAtomically } from '../../durable/durable-file.ts';
import {
  observeConsumerCertificates,
  observeMemberCertificates,
} from '../../facts/observed-certificates.ts';
import { observePki } from '../../facts/pki.ts';
import { isSeen } from '../../facts/unreachable.ts';
import { Failure } from '../../failure/failure.ts';
import { readIssued } from '../../pki/issue/issued.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Next } from '../../problem/remedy.ts';
import { toMend } from '../../report/certificate-advice.ts';
import { certificateRows, type PlacedCertificate } from '../../report/certificate-rows.ts';
import { describeCertificateRows, metrics } from '../../report/certificate-rows-text.ts';
import { days } from '../../report/days.ts';
import { observeHosts } from '../../run/observe-hosts.ts';
import { type Session, withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsListOptions } from './options.ts';

const EXPIRING = 10;

/** Shows every certificate where it is stored, installed and served, with the days it has left. */
export async function certsList(args: ArgumentsOf<typeof certsListOptions>): Promise<void> {
  const within = args.within === undefined ? undefined : days(args.within);
  await withSession({ ...args, needs: 'any-host', withConsumers: true }, async (session) => {
    const { rows, unreached } = await look(session);
    const shown = within === undefined ? rows : rows.filter((row) => (row.days ?? 0) < within);
    console.log(args.json ? JSON.stringify(shown) : describeCertificateRows(shown));
    if (args.metrics !== undefined) {
      // A node exporter, which runs as another user, may read it at any moment.
      await writeAtomically(args.metrics, metrics(session.desired.name, rows), 0o644);
    }
    const wrong = rows.filter(({ trouble }) => trouble !== undefined);
    if (wrong.length > 0) {
      const parts = wrong.map(({ holder, certificate, place, trouble }) => ({
        ...{ kind: 'certificate', about: [holder], next: [] },
        sentence: unreached.has(holder)
          ? `${trouble}`
          : `${holder} ${certificate} (${place}): ${trouble}`,
      }));
      throw certificatesAmiss(session.desired.name, parts, toMend(wrong, unreached));
    }
    if (within !== undefined && shown.length > 0) process.exitCode = EXPIRING;
  });
}

async function look(session: Session): Promise<{
  readonly rows: readonly PlacedCertificate[];
  readonly unreached: ReadonlyMap<string, Failure>;
}> {
  const { desired, store } = session;
  const [pki, issued, { members, consumers }] = await Promise.all([
    observePki(store),
    readIssued(store),
    observeHosts(session, {
      member: (host, member) => observeMemberCertificates(host, desired, member, store),
      consumer: observeConsumerCertificates,
    }),
  ]);
  const looks = [...members, ...consumers];
  const holders = new Map(
    looks.map(([name, look]) => [name, isSeen(look) ? look : look.unreachable] as const),
  );
  return {
    rows: certificateRows(desired, pki, holders, new Date(), issued),
    unreached: new Map(
      looks.flatMap(([name, look]) => (isSeen(look) ? [] : [[name, look.unreachable] as const])),
    ),
  };
}

function certificatesAmiss(cluster: string, parts: readonly Problem[], next: Next): Failure {
  const [only, ...others] = parts;
  return only !== undefined && others.length === 0
    ? new Failure('failed', { ...only, sentence: `${cluster}: ${only.sentence}`, next })
    : new Failure(
        'failed',
        {
          ...{ kind: 'certificate', about: [], next },
          sentence: `${cluster}: ${parts.length} of the certificates are not as they should be:`,
        },
        { parts },
      );
}
