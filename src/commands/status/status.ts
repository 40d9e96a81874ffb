import { setTimeout as sleep } from 'node:timers/promises';
import type { Quorum } from '../../etcd/quorum.ts';
import { type QuickComparison, quickDifference } from '../../facts/etcd/quick-hashes.ts';
import { observePki } from '../../facts/pki.ts';
import { Failure } from '../../failure/failure.ts';
import { foundMembers } from '../../observed/found.ts';
import { observed, type SeenMember } from '../../observed/observed.ts';
import { pendingLeaves } from '../../plan/certificates/pending-leaf.ts';
import { type RotationState, rotationState } from '../../plan/certificates/rotation-state.ts';
import { replacedLogs } from '../../plan/incarnation.ts';
import { membershipProblems } from '../../plan/membership/membership-problems.ts';
import {
  askToCompare,
  corruptMember,
  offerReplacement,
  type Suspect,
} from '../../plan/membership/offer-replacement.ts';
import { mismatches } from '../../plan/ownership/misdescribed.ts';
import { strangeRecords } from '../../plan/ownership/strange-records.ts';
import { pendingUnits } from '../../plan/pending.ts';
import { CORRUPTION, corruption } from '../../plan/refusing/corruption.ts';
import { etcdctlTrouble } from '../../plan/refusing/etcdctl-trouble.ts';
import { safely } from '../../plan/refusing/situation.ts';
import { spaceRefusals } from '../../plan/refusing/space-refusals.ts';
import { unfinishedOperations } from '../../plan/restoring/unfinished-operations.ts';
import { type PeerChange, peerChange } from '../../plan/switching/peer-change.ts';
import { type ProtocolMismatch, protocolMismatch } from '../../plan/switching/protocol-mismatch.ts';
import { servesItselfAlone } from '../../plan/switching/serving.ts';
import { halfUpgraded } from '../../plan/upgrading/half-upgraded.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { problemData } from '../../problem/render.ts';
import { describeBackups } from '../../report/backups-text.ts';
import { clusterStatus, type MemberStatus } from '../../report/status-rows.ts';
import { describeStatus, statusText } from '../../report/status-table.ts';
import { withAnsweringStrangers } from '../../run/answering-strangers.ts';
import { aboutDown, lastRun } from '../../run/last-run.ts';
import { observeMembers } from '../../run/observe-hosts.ts';
import { type Session, withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import { lookAtBackups } from './backup-status.ts';
import type { statusOptions } from './options.ts';

const PAUSE = 2000;
const DOCTOR = [remedy`${provision('doctor', INVENTORY)} says why, and how to fix it`];

/** Shows every member: what etcd says of itself, its unit, the days its certificates have left. */
export async function status(args: ArgumentsOf<typeof statusOptions>): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async (session) => {
    for (;;) {
      const [looked, backups] = await Promise.all([
        look(session),
        lookAtBackups(session, args.inventory),
      ]);
      const { rows, isDescribed, mismatch, problems, quorum, rotation, peers } = looked;
      const { operations, notes } = looked;
      if (args.watch && !args.json) console.clear();
      console.log(
        args.json
          ? JSON.stringify({
              ...{ cluster: session.desired.name, members: rows },
              backups: {
                ...backups,
                unfinished: backups.unfinished.map((one) => problemData(one, args.inventory)),
              },
              ...(mismatch && { protocol: mismatch.sentence }),
              ...(quorum && { quorum }),
              ...(rotation && { rotation }),
              ...(peers && { peerCa: peers }),
              problems: problems.map((one) => problemData(one, args.inventory)),
              notes,
            })
          : statusText(
              describeStatus(session.desired.name, rows, quorum),
              [...(mismatch === undefined ? [] : [mismatch]), ...problems, ...operations],
              [
                ...notes.map((note) => `note: ${note}`),
                ...describeBackups(backups, args.inventory),
              ],
              args.inventory,
            ),
      );
      if (!args.watch) return judge(session, rows, problems, isDescribed);
      await sleep(PAUSE);
    }
  });
}

async function look(session: Session): Promise<{
  readonly rows: readonly MemberStatus[];
  /** Whether the inventory describes what is on the hosts; else that is the first problem. */
  readonly isDescribed: boolean;
  readonly mismatch: ProtocolMismatch | undefined;
  /** What is wrong with the list of members, or with their data. */
  readonly problems: readonly Problem[];
  /** Counted over the list that etcd holds, where anybody tells it. */
  readonly quorum: Quorum | undefined;
  readonly rotation: RotationState | undefined;
  /** A change of the peers' CA that is not over. */
  readonly peers: PeerChange | undefined;
  /** What was begun and is not over. */
  readonly operations: readonly Problem[];
  readonly notes: readonly string[];
}> {
  const { desired, hosts, store } = session;
  const [pki, members] = await Promise.all([observePki(store), observeMembers(session)]);
  const facts = await withAnsweringStrangers(session, { members });
  const strange = mismatches(desired, { members, binaries: [] });
  const isDescribed = strange.length === 0;
  const { seen, quorum } = observed(desired, facts);
  const isDown = seen.some(({ answers }) => !answers);
  const down = isDown ? aboutDown(await lastRun(session), desired.name) : [];
  const compare = (found: ReturnType<typeof foundMembers>) =>
    quickDifference(desired, hosts, new Map(found), store);
  const compared = await compare(foundMembers(facts));
  const whole = { ...facts, ...pki, consumers: new Map(), binaries: [], now: new Date() };
  const corrupt = corruptMember(desired, whole);
  const suspect =
    corrupt === undefined
      ? undefined
      : suspectOf(corrupt, await compare(foundMembers(facts).filter(([name]) => name !== corrupt)));
  return {
    rows: clusterStatus(desired, facts, pki.store, new Date()),
    isDescribed,
    mismatch: isDescribed ? protocolMismatch(desired, facts) : undefined,
    problems: [
      ...down,
      // Who is in etcd's list would be said as if the inventory described these hosts.
      ...(isDescribed
        ? safely(desired, facts, [
            ...membershipProblems(desired, facts),
            ...halfUpgraded(desired, facts),
            ...offerReplacement(
              desired,
              whole,
              askToCompare(desired, facts, corruption(desired, facts)),
              suspect,
            ),
          ])
        : strange),
      ...strangeRecords(desired, facts),
      ...replacedLogs(desired, facts).map((one) => ({ ...one, severity: 'fail' as const })),
      ...cutOff(seen),
      ...(typeof compared === 'string'
        ? []
        : [
            {
              kind: 'data-differs',
              about: [],
              sentence: compared.difference,
              next: DOCTOR,
              severity: 'fail' as const,
            },
          ]),
    ],
    quorum: isDescribed ? quorum : undefined,
    // Over http nobody trusts a CA: what the store has begun waits until there is TLS again.
    rotation: desired.ca && rotationState(pki),
    peers: desired.ca && peerChange(desired, { ...pki, members }),
    operations: unfinishedOperations(desired, { ...pki, members, now: new Date() }),
    notes: isDescribed
      ? [
          ...pendingUnits(
            seen.map(({ name, found: { unit, unitFile } }) => ({
              name,
              running: unit.process,
              unitFile: unitFile?.content,
            })),
          ),
          ...pendingLeaves(desired, { ...pki, members }),
          // Nothing may need the space now; the next write or start does.
          ...withoutEtcdctl(desired, seen),
          ...spaceRefusals(desired, facts).map(({ sentence }) => sentence),
        ]
      : [],
  };
}

/** What a fast comparison says of the members beside the one that etcd calls corrupt. */
function suspectOf(member: string, others: QuickComparison): Suspect {
  if (others === 'same') return { member, others };
  return { member, others: typeof others === 'object' ? 'differ' : 'not-compared' };
}

/** Members that answer although etcdctl on their hosts does not run. */
function withoutEtcdctl(
  desired: Session['desired'],
  seen: readonly SeenMember[],
): readonly string[] {
  return seen.flatMap(({ name, found, answers }) => {
    const why = answers ? etcdctlTrouble(desired, found) : undefined;
    return why === undefined
      ? []
      : [`${name}: the etcdctl beside etcd does not run there (${why}); doctor says what to do`];
  });
}

/** Members that answer on their own hosts, and no client elsewhere. */
function cutOff(seen: readonly SeenMember[]): readonly Problem[] {
  const names = seen.filter(({ found }) => servesItselfAlone(found)).map(({ name }) => name);
  if (names.length === 0) return [];
  const sentence = `${names.join(', ')}: clients are served on the member's own host alone, and cut off everywhere else`;
  return [{ kind: 'cut-off', about: names, sentence, next: DOCTOR, severity: 'fail' }];
}

function judge(
  { desired }: Session,
  rows: readonly MemberStatus[],
  problems: readonly Problem[],
  isDescribed: boolean,
): void {
  const sick = rows.filter(({ healthy }) => !healthy);
  // etcd tells them in another order every time.
  const alarms = [...new Set(rows.flatMap(({ errors }) => errors))].sort();
  const grave = problems.find(({ severity }) => severity === 'fail');
  if (sick.length === 0 && grave !== undefined)
    throw new Failure('failed', `${desired.name}: ${grave.sentence}`, { next: grave.next });
  if (sick.length === 0 && alarms.length === 0) return;
  if (sick.length === 0) {
    throw new Failure('failed', `${desired.name}: etcd reports ${alarms.join('; ').trim()}`, {
      next: problems.find(({ kind }) => kind === CORRUPTION)?.next ?? DOCTOR,
    });
  }
  const isUnreachable = sick.every(({ unreachable }) => unreachable);
  const answer = isDescribed ? 'do not answer' : 'do not answer where the inventory looks for them';
  const did = sick.every(({ unasked }) => unasked) ? 'could not be asked' : answer;
  // What a down has left half-way is not a loss.
  const isExplained = !isDescribed || problems[0]?.kind === 'down-cut-off';
  throw new Failure(
    isUnreachable ? 'unreachable' : 'failed',
    `${desired.name}: ${sick.length} of ${rows.length} members ${did}: ${sick.map(({ name }) => name).join(', ')}`,
    { next: isExplained ? (problems[0]?.next ?? DOCTOR) : DOCTOR },
  );
}
