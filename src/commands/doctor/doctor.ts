import { conclude, type DoctorInput } from '../../diagnosis/conclude.ts';
import { factsOf } from '../../diagnosis/diagnose.ts';
import { withClientReaches, withReaches } from '../../diagnosis/looks/dial-ports.ts';
import { examine } from '../../diagnosis/looks/examine.ts';
import { examinedMembers } from '../../diagnosis/looks/examined.ts';
import { steadily } from '../../diagnosis/looks/steady.ts';
import { Failure } from '../../failure/failure.ts';
import { describeVerdict, verdictData } from '../../report/doctor-text.ts';
import { withAnsweringStrangers } from '../../run/answering-strangers.ts';
import { lastRun } from '../../run/last-run.ts';
import { type Session, withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { lookOptions } from '../options/look.ts';
import { askUnfinished } from '../restore/unfinished-restore.ts';
import { type Compared, comparedData, suspectMember } from './data.ts';
import { closedToNewcomers } from './newcomers.ts';
import { isWhole } from './whole.ts';

const NOT_COMPARED: Compared = {};

/** Says why a cluster is broken: one cause a member, what the members disagree about, and what to do about it. */
export async function doctor(args: ArgumentsOf<typeof lookOptions>): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async (session) => {
    const { name } = session.desired;
    const verdict = conclude(await gather(session));
    console.log(
      args.json
        ? JSON.stringify(verdictData(name, verdict, args.inventory))
        : describeVerdict(name, verdict, args.inventory),
    );
    const [first, ...others] = verdict.findings;
    if (first === undefined) return;
    throw new Failure(
      'failed',
      `${name}: ${others.length + 1} thing${others.length === 0 ? '' : 's'} to fix`,
      { next: first.next },
    );
  });
}

async function gather(session: Session): Promise<DoctorInput> {
  const { desired, hosts } = session;
  const [unfinished, run, programs, looked] = await Promise.all([
    askUnfinished(desired, hosts),
    lastRun(session),
    askPrograms(session),
    steadily(session, lookingAround(session)),
  ]);
  const { facts, whole, seen, difference, unreadable } = looked;
  const [suspect, closed] = await Promise.all([
    // Nobody is asked again to read what ends it.
    unreadable === undefined ? suspectMember(session, facts, difference) : undefined,
    closedToNewcomers(session, facts),
  ]);
  const isReached = examinedMembers({ seen }).every(({ reaches }) =>
    [...reaches.values()].every((one) => one === 'reached' || one === 'unknown'),
  );
  return {
    cluster: { desired, seen, isWhole: whole && isReached },
    facts,
    unfinished,
    run,
    programs,
    difference,
    unreadable,
    suspect,
    closed,
  };
}

/** Looks that compare the members' data until that ends one of them: that one is told of, and what is there is looked at again. */
function lookingAround(session: Session) {
  let unreadable: string | undefined;
  return async () => {
    const looked = await lookAround(session, unreadable === undefined);
    const isOver = looked.unreadable === undefined;
    unreadable ??= looked.unreadable;
    return { ...looked, unreadable, isOver };
  };
}

/** What has to be of one moment: members, how they reach each other, and what they hold. */
async function lookAround(session: Session, compares: boolean) {
  const looked = await examine(session);
  const known = await factsOf({ seen: looked }, session.store);
  const facts = await withAnsweringStrangers(session, known);
  // etcd calls a peer active that reached it, also where it does not reach that peer itself.
  const [whole, seen, compared] = await Promise.all([
    isWhole(session, facts.members),
    withReaches(looked, session).then((reached) => withClientReaches(reached, session)),
    compares ? comparedData(session, facts) : NOT_COMPARED,
  ]);
  const { difference, unreadable } = compared;
  return { facts, whole, seen, difference, unreadable };
}

/** Why the programs on this machine are not what the inventory asks for; nothing is fetched for it. */
async function askPrograms({ inventory, binaries }: Session): Promise<DoctorInput['programs']> {
  if (!('directory' in inventory.etcd.source)) return undefined;
  try {
    await binaries();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      ...{ kind: 'no-programs', about: [], severity: 'warn' },
      ...{ sentence: error.message, next: error.next },
    };
  }
}
