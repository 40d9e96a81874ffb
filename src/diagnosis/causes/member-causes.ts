import { Failure } from '../../failure/failure.ts';
import { servesItselfAlone } from '../../plan/switching/serving.ts';
import type { Proposal } from '../../problem/problem.ts';
import { withoutName } from '../../problem/render.ts';
import { fullDisks } from '../../verify/checks.ts';
import { cures } from '../cures.ts';
import { answers, type ExaminedCluster, type ExaminedMember } from '../looks/examined.ts';
import type { Cause } from './cause.ts';
import { expiredCause, fileCause } from './certificate-causes.ts';
import { describeClock, SKEW } from './classify.ts';
import { bestMember, DAMAGED, dataCause, isQuorumDamaged, moveCause } from './data-causes.ts';
import { etcdctlCause } from './etcdctl-cause.ts';
import { withDiffering } from './file-drift.ts';
import { networkCause } from './network-causes.ts';
import { programCause } from './program-cause.ts';
import { recentEverywhere, runningCause } from './running-causes.ts';
import { END_RULES, UNIT_RULES } from './unit-causes.ts';

/** What `fileCause` and `expiredCause` find, which shows at the next start or handshake of a member that runs. */
const FILES = new Set(['file-rights', 'file-no-pem', 'file-pair', 'file-expired']);
const LATENT = 'latent';

/** What comes before what: a dead host before those that miss it, a cause before its consequences. */
const RANKS: Readonly<Record<string, number>> = {
  host: 0,
  ...{ 'wrong-ca': 2, san: 2, protocol: 2, unreachable: 2, learner: 2 },
  ...{ [LATENT]: 3, clock: 3, 'no-tool': 3, 'log-file': 6 },
  unknown: 4,
  'no-quorum': 5,
};
const LOCAL = 1;

/** Clients are cut off from a member that may well answer. */
export const CUT_OFF = 'cut-off';

/** All that is wrong with the members, causes before consequences; members in the order of the inventory. */
export function memberCauses(cluster: ExaminedCluster): readonly Proposal[] {
  const all = cluster.seen.flatMap(({ member, found }) =>
    causesOf(found, cluster, member.name).map((cause) => ({ ...cause, about: [member.name] })),
  );
  return withRestore(all, cluster).toSorted((one, other) => rank(one) - rank(other));
}

/** Where too few members have data that can be read, the cluster is restored from the best of them. */
function withRestore(all: readonly Proposal[], cluster: ExaminedCluster): readonly Proposal[] {
  const damaged = damagedMembers(all);
  if (damaged.size === 0 || !isQuorumDamaged(cluster, damaged)) return all;
  const best = bestMember(cluster, damaged);
  const next = [best === undefined ? cures.restoreFromSnapshot() : cures.restoreFromMember(best)];
  return all.map((one) =>
    DAMAGED.has(one.kind) && one.kind !== 'data-gone' ? { ...one, next } : one,
  );
}

/** The members whose own data is of no use, by what was found of them. */
export function damagedMembers(
  diagnoses: readonly Pick<Proposal, 'about' | 'kind'>[],
): ReadonlySet<string> {
  return new Set(diagnoses.filter(({ kind }) => DAMAGED.has(kind)).flatMap(({ about }) => about));
}

function rank({ kind }: Pick<Cause, 'kind'>): number {
  return RANKS[kind] ?? LOCAL;
}

function causesOf(
  found: ExaminedMember | Failure,
  cluster: ExaminedCluster,
  name: string,
): readonly Cause[] {
  if (found instanceof Failure) {
    const sentence = withoutName(found.message, name);
    const next =
      found.next.length > 0
        ? found.next
        : [cures.byHand('see that the host is up and reachable by SSH')];
    return [{ kind: 'host', sentence, evidence: [], next: [...next, cures.otherMachine(name)] }];
  }
  const main = answers(found)
    ? []
    : [withDiffering(whyDown(found, cluster), cluster.desired, found.member, found.facts)];
  // A file that cannot be opened is told of by the end of the process already.
  const told = new Set(
    main.flatMap(({ kind }) => (kind === 'log-unwritable' ? [kind, 'log-file'] : [kind])),
  );
  const extras = extraCauses(found, cluster).filter(({ kind }) => !told.has(kind));
  return [...main, ...extras.map((one) => (FILES.has(one.kind) ? { ...one, kind: LATENT } : one))];
}

function whyDown(one: ExaminedMember, cluster: ExaminedCluster): Cause {
  const { unit } = cluster.desired;
  const first = <T>(rules: readonly T[], ask: (rule: T) => Cause | undefined) => {
    for (const rule of rules) {
      const cause = ask(rule);
      if (cause !== undefined) return cause;
    }
    return undefined;
  };
  const moved = moveCause(one, cluster);
  if (moved !== undefined) return moved;
  const byUnit = first(UNIT_RULES, (rule) => rule(one, unit));
  if (byUnit !== undefined) return byUnit;
  const [stopped, ...ended] = END_RULES;
  const isOver = one.facts.unit.pid === 0 || one.start.end !== undefined;
  return (
    stopped?.(one, unit) ??
    fullCause(one) ??
    (isOver ? dataCause(one, cluster) : undefined) ??
    (isOver ? fileCause(one, cluster) : undefined) ??
    (isOver ? programCause(one, cluster) : undefined) ??
    first(ended, (rule) => rule(one, unit)) ??
    runningCause(one, cluster)
  );
}

function fullCause({ facts }: ExaminedMember): Cause | undefined {
  const full = fullDisks(facts);
  return full === undefined
    ? undefined
    : { kind: 'disk-full', sentence: full, evidence: [], next: [cures.thenUp('free space on it')] };
}

/** What is wrong with a member whether it answers or not, and will show one day. */
function extraCauses(one: ExaminedMember, cluster: ExaminedCluster): readonly Cause[] {
  const lines = recentEverywhere(one, cluster);
  const full = fullCause(one);
  const clocks = clockCause(one);
  // By a clock that is wrong, certificates are not judged.
  const files =
    fileCause(one, cluster) ?? (clocks.length > 0 ? undefined : expiredCause(one, cluster, lines));
  const tool = etcdctlCause(one, cluster);
  const program = programCause(one, cluster);
  const network = answers(one) && !cluster.isWhole ? networkCause(one, cluster, lines) : undefined;
  return [
    ...(full === undefined ? [] : [full]),
    ...(files === undefined ? [] : [files]),
    ...(network === undefined ? [] : [network]),
    ...(tool === undefined ? [] : [tool]),
    ...(program === undefined ? [] : [program]),
    ...cutOffCause(one),
    ...clocks,
    ...logCauses(one),
  ];
}

/** Left by a switch by snapshot that was killed, or written by hand: etcd answers, and no client gets there. */
function cutOffCause({ member, facts }: ExaminedMember): readonly Cause[] {
  if (!servesItselfAlone(facts)) return [];
  const urls = facts.unit.process?.environment.get('ETCD_LISTEN_CLIENT_URLS');
  return [
    {
      kind: CUT_OFF,
      sentence: `it serves clients on its own host alone (ETCD_LISTEN_CLIENT_URLS is ${urls}): no other machine reaches it`,
      evidence: [],
      next: [cures.up(member.name)],
    },
  ];
}

function clockCause({ clockAhead }: ExaminedMember): readonly Cause[] {
  if (Math.abs(clockAhead) <= SKEW) return [];
  return [
    {
      kind: 'clock',
      sentence: `its clock is ${describeClock(clockAhead)}`,
      evidence: [],
      next: [cures.byHand('set it right on that host: timedatectl set-ntp true')],
    },
  ];
}

/** A log that nobody can read: then what is told of a member may be less than there is. */
function logCauses({ logs }: ExaminedMember): readonly Cause[] {
  return logs.flatMap(({ path, trouble }) =>
    trouble === undefined
      ? []
      : [
          {
            kind: 'log-file',
            sentence: `etcd logs to ${path} (log-outputs), but ${trouble}: what it says is lost`,
            evidence: [],
            next: [
              cures.thenUp('make its directory, owned by the account of etcd, or log to stderr'),
            ],
          },
        ],
  );
}
