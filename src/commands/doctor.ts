import { conclude } from '../diagnosis/conclude.ts';
import { type Diagnosis, UP } from '../diagnosis/diagnosis.ts';
import { examine, withReaches } from '../diagnosis/examine.ts';
import { exhibits } from '../diagnosis/exhibit.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { askLogBirth } from '../facts/log-age.ts';
import { observePki } from '../facts/pki.ts';
import { Failure } from '../failure/failure.ts';
import { changedSettings } from '../plan/changed-settings.ts';
import { judgeLog } from '../plan/incarnation.ts';
import { adviseUp } from '../plan/up-advice.ts';
import { nextText } from '../problem/render.ts';
import { refuseUnequalHashes } from '../verify/hashes.ts';
import type { ArgumentsOf } from './command.ts';
import { clusterFindings, type Finding } from './doctor-findings.ts';
import { describeFindings } from './doctor-text.ts';
import { isWhole } from './doctor-whole.ts';
import type { doctorOptions } from './options.ts';
import { type Session, withSession } from './session.ts';
import { askUnfinished } from './unfinished-restore.ts';

/** Says why a cluster is broken: one cause a member, what the members disagree about, and the command that mends it. */
export async function doctor(args: ArgumentsOf<typeof doctorOptions>): Promise<void> {
  await withSession({ ...args, acceptUnreachable: true }, async (session) => {
    const findings = (await findingsOf(session)).map((finding) => ({
      ...finding,
      next: finding.next.replaceAll('INVENTORY', args.inventory),
    }));
    const { name } = session.desired;
    console.log(
      args.json ? JSON.stringify({ cluster: name, findings }) : describeFindings(name, findings),
    );
    if (findings.length > 0) {
      throw new Failure(
        'failed',
        `${name}: ${findings.length} thing${findings.length === 1 ? '' : 's'} to mend`,
        {
          next: findings[0]?.next,
        },
      );
    }
  });
}

async function findingsOf(session: Session): Promise<readonly Finding[]> {
  const { desired, store } = session;
  const [unfinished, looked, pki] = await Promise.all([
    askUnfinished(desired, session.hosts),
    examine(session),
    observePki(store),
  ]);
  const members = new Map(
    exhibits({ seen: looked }).map(({ member, facts }) => [member.name, facts] as const),
  );
  // etcd calls a peer active that reached it, also where it does not reach that peer itself.
  const [whole, seen] = await Promise.all([
    isWhole(session, members),
    withReaches(looked, session),
  ]);
  const isReached = exhibits({ seen }).every(({ reaches }) =>
    [...reaches.values()].every((one) => one === 'reached' || one === 'unknown'),
  );
  const diagnoses = conclude({ desired, seen, isWhole: whole && isReached });
  // What else is wrong follows from it, or is settled by whoever finishes it.
  if (unfinished.length > 0) {
    return [
      ...unfinished.map(({ sentence, next }) => ({
        ...{ about: desired.name, cause: sentence, evidence: [], next: nextText(next) },
      })),
      ...together(
        diagnoses.map((one) => (one.next === UP ? { ...one, next: 'finish or undo that' } : one)),
      ),
    ];
  }
  const facts: ClusterFacts = {
    members,
    consumers: new Map(),
    ...pki,
    binaries: [],
    now: new Date(),
  };
  // To changed settings everything else follows: the member seems stopped, its data gone.
  const changed = changedSettings(desired, facts);
  if (changed.length > 0)
    return changed.map(({ about, sentence, next }) => ({
      ...{ about: desired.name, cause: sentence, evidence: [], next: nextText(next) },
      ...(about?.length === 1 && { about: about[0] ?? desired.name }),
    }));
  const disputes = clusterFindings(desired, facts);
  // Who was added and has never started has no data to lose.
  const isNew = (name: string) =>
    disputes.some(({ cause }) => cause.startsWith(`${name}: was added`));
  const own = diagnoses.filter(({ name, kind }) => kind !== 'data-gone' || !isNew(name));
  return [
    ...together(adviseUp(desired, facts, own)),
    ...disputes.filter(
      ({ cause }) =>
        !diagnoses.some(
          ({ name, kind }) => kind === 'no-pem' && cause.startsWith(`${name}: trusts`),
        ),
    ),
    ...(await differentData(session, facts)),
  ];
}

/** One finding where several members have the same cause. */
function together(diagnoses: readonly Diagnosis[]): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const { name, cause, evidence, next } of diagnoses) {
    const known = found.get(`${cause} ${next}`);
    const about = known === undefined ? name : `${known.about}, ${name}`;
    found.set(`${cause} ${next}`, { about, cause, evidence: known?.evidence ?? evidence, next });
  }
  return [...found.values()];
}

/** Members of one cluster that answer may still hold different data: etcd itself looks only where it was told to. */
async function differentData(
  { desired, hosts }: Session,
  facts: ClusterFacts,
): Promise<readonly Finding[]> {
  const clusters = [...facts.members.values()].flatMap(({ etcd }) => etcd.status?.clusterId ?? []);
  if (new Set(clusters).size !== 1) return [];
  try {
    await refuseUnequalHashes(desired, hosts, facts);
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A comparison that was not possible says nothing about the data.
    if (error.reason !== 'refused') return [];
    const { message, next = '' } = error;
    return [
      {
        about: desired.name,
        cause: message.replace(`${desired.name}: `, ''),
        evidence: await whoHolds(desired, hosts, facts),
        next,
      },
    ];
  }
}

/** What tells who holds more, where members differ: revision, term, index, when the log began, alarms. */
async function whoHolds(
  { paths, members }: Session['desired'],
  hosts: Session['hosts'],
  facts: ClusterFacts,
): Promise<readonly string[]> {
  return await Promise.all(
    members.map(async ({ name }) => {
      const host = hosts.get(name);
      const found = facts.members.get(name);
      const status = found?.etcd.status;
      if (host === undefined || found === undefined || status === undefined)
        return `${name}: does not say what it holds`;
      const birth = await askLogBirth(host, paths.wal);
      const began =
        birth === undefined ? 'at an unknown time' : new Date(birth * 1000).toISOString();
      const { revision, raftTerm, raftIndex, dbSize, errors } = status;
      const alarms = errors.length === 0 ? '' : `; ${errors.join(' ')}`;
      const replaced = judgeLog(found) === 'replaced' ? ', and is not the one recorded for it' : '';
      return `${name}: revision ${revision}, raft term ${raftTerm}, index ${raftIndex}, database ${dbSize} bytes; its log began ${began}${replaced}${alarms}`;
    }),
  );
}
