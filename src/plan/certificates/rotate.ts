import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundConsumer, foundOf } from '../../observed/found.ts';
import { someoneAnswers } from '../../observed/observed.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import { isMadeByOthers } from '../../pki/store/made-by-others.ts';
import { BACKDATE, daysLeft } from '../../pki/verify/judge.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { convergeWithout } from '../absence/converge-without.ts';
import { convergeWaves } from '../converge-waves.ts';
import { type Decision, decide } from '../decision.ts';
import { driftRefusals } from '../drift.ts';
import { withShared } from '../leftovers.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Refusal } from '../plan.ts';
import { unfinishedOperations } from '../restoring/unfinished-operations.ts';
import { isPending } from './pending-leaf.ts';

export interface RotationOptions {
  /** Only the certificates of this member or consumer; all, and the operator's own, where it is missing. */
  readonly member: string | undefined;
  /** Only this kind: server, peer, healthcheck-client, admin, or the name of a client. */
  readonly name: string | undefined;
  /** Only what expires within this many days. */
  readonly withinDays: number | undefined;
  /** Restart every touched member too, so that long-lived streams go through the new certificates. */
  readonly restart: boolean;
  readonly allowDowntime: boolean;
  /** Members that are away, and are done without. */
  readonly away?: readonly string[] | undefined;
}

const ASKED = 'long-lived streams are to use the new certificates (--restart)';

/**
 * Decides a rotation of leaves: new ones in the store, then member by member swap, proof by fresh handshakes, gate. A run
 * that was killed has left certificates in the store that hosts do not have yet: those are brought out, what it had not
 * come to is issued, and nothing is issued twice. Needs no answering cluster, only SSH and the CA.
 */
export function planRotation(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: RotationOptions,
): Plan {
  const { away } = options;
  if (away !== undefined)
    return convergeWithout(desired, facts, away, (seen) =>
      decideRotation(desired, seen, { ...options, allowDowntime: true }),
    );
  const decision = decideRotation(desired, facts, options);
  if (decision.refusals.length > 0) return refusedPlan(desired, decision.refusals);
  const { waves, ...notes } = convergeWaves(decision);
  return planOf(decision.desired, waves, notes);
}

/** What each member needs once leaves are rotated, and why they must not be: a rotation of all and of one begin from it. */
export function decideRotation(
  named: DesiredCluster,
  facts: ClusterFacts,
  options: RotationOptions,
): Decision {
  const desired = withShared(named, facts);
  const selected = desired.certificates.filter((certificate) =>
    isSelected(certificate, facts, options),
  );
  const unfinished = selected.filter((one) => isPending(one, foundAt(one, facts), facts.store));
  const began = beginning(unfinished, facts);
  const ids = new Set(
    selected
      .filter((one) => began === undefined || issuedAt(one, facts) < began)
      .map(({ id }) => id),
  );
  const behind = new Set(unfinished.map(({ member }) => member));
  const touched = new Set(selected.map(({ member }) => member));
  const isToRestart = (member: string) =>
    touched.has(member) && (behind.has(member) || !isRestartedSince(member, began, facts));
  const decision = decide(desired, facts, {
    allowDowntime: options.allowDowntime,
    renewal: ({ id }) => (ids.has(id) ? 'it is rotated' : undefined),
    ...(options.restart && {
      restart: (member: string) => (isToRestart(member) ? ASKED : undefined),
    }),
  });
  const isAsked = (member: string) => options.restart && touched.has(member);
  const rules: readonly (() => readonly Refusal[])[] = [
    () => unknownNames(desired, options),
    () => refusedOfOthers(selected, facts, options),
    () => decision.refusals,
    () => restartsByTheWay(decision, facts, isAsked),
    // With expired leaves members crash at their start; where nobody answers, starting them is a part of the cure.
    () => driftRefusals(decision, { mayStart: !someoneAnswers(facts) }),
  ];
  const refused = rules.map((rule) => rule()).find((refusals) => refusals.length > 0);
  return { ...decision, refusals: refused ?? [] };
}

/**
 * Members that would be restarted for another reason than that somebody asked for it: a rotation of leaves restarts nobody,
 * and a change of trust that is not over goes on in an order of its own. One that does not answer may need a restart for its
 * new leaves.
 */
function restartsByTheWay(
  { desired, members }: Decision,
  facts: ClusterFacts,
  isAsked: (member: string) => boolean,
): readonly Refusal[] {
  const operations = unfinishedOperations(desired, facts);
  const others = members.filter(
    ({ name, restartBecause }) =>
      restartBecause !== undefined &&
      restartBecause !== ASKED &&
      !(isAsked(name) && operations.length === 0) &&
      foundOf(facts, name)?.etcd.healthy === true,
  );
  const [first] = others;
  if (first === undefined) return [];
  const names = others.map(({ name }) => name);
  const next = operations.flatMap((one) => one.next);
  return [
    {
      kind: 'restart-unasked',
      about: names,
      sentence: `${names.join(', ')}: ${names.length === 1 ? 'has' : 'have'} to be restarted (${first.restartBecause}), and a rotation of leaves restarts nobody unasked${operations.map(({ sentence }) => `; ${sentence}`).join('')}`,
      next: next.length > 0 ? next : [remedy`first: ${provision('up', INVENTORY)}`],
    },
  ];
}

/** What somebody else has made is rotated by a change of the CA: nobody here has the key of theirs. */
function refusedOfOthers(
  selected: readonly DesiredCertificate[],
  { store }: ClusterFacts,
  { withinDays }: RotationOptions,
): readonly Refusal[] {
  // The operator's own may be missing there, and does not end then.
  const kept = selected.filter(
    (one) =>
      isMadeByOthers(one, store) && (withinDays === undefined || store.certificates.has(one.id)),
  );
  if (kept.length === 0) return [];
  const there = kept.filter(({ id }) => store.certificates.has(id));
  const ofPeersAlone = kept.every(({ authority }) => authority === 'peer') ? ['--peer'] : [];
  return [
    {
      kind: 'certificates-kept',
      about: [...new Set(kept.flatMap(({ member }) => member ?? []))],
      sentence: `${(there.length > 0 ? there : kept).map(({ id }) => id).join(', ')}: somebody else made them, and the key of their CA is not in ${store.directory}, so no others can be signed`,
      next: [
        remedy`have a CA of provision's own sign instead: ${provision('certs', 'rotate-ca', INVENTORY, ...ofPeersAlone)}`,
      ],
    },
  ];
}

/** A slip of the pen must not pass for nothing to do. */
function unknownNames(
  { certificates }: DesiredCluster,
  { member, name }: RotationOptions,
): readonly Refusal[] {
  const holders = certificates.flatMap((one) => one.member ?? one.consumer ?? []);
  const refusal = (what: string, known: readonly string[]) => ({
    kind: 'no-certificate',
    about: [what],
    sentence: `${what} has no certificate in this cluster`,
    next: [remedy`name one of ${[...new Set(known)].join(', ')}`],
  });
  return [
    ...(member !== undefined && !holders.includes(member) ? [refusal(member, holders)] : []),
    ...(name !== undefined && !certificates.some(({ row }) => row === name)
      ? [
          refusal(
            name,
            certificates.map(({ row }) => row),
          ),
        ]
      : []),
  ];
}

function isSelected(
  certificate: DesiredCertificate,
  { store, now }: ClusterFacts,
  { member, name, withinDays }: RotationOptions,
): boolean {
  const found = store.certificates.get(certificate.id);
  return (
    (member === undefined || member === (certificate.member ?? certificate.consumer)) &&
    (name === undefined || certificate.row === name) &&
    (withinDays === undefined || found === undefined || daysLeft(found.fact, now) < withinDays)
  );
}

/** When the rotation began that left these; all that one run issues is dated alike. */
function beginning(
  unfinished: readonly DesiredCertificate[],
  facts: ClusterFacts,
): number | undefined {
  if (unfinished.length === 0) return undefined;
  return Math.max(...unfinished.map((one) => issuedAt(one, facts)));
}

/** When a certificate of the store was issued, in milliseconds; 0 where there is none. */
function issuedAt({ id }: DesiredCertificate, { store }: ClusterFacts): number {
  const found = store.certificates.get(id);
  return found === undefined ? 0 : found.fact.notBefore.getTime() + BACKDATE;
}

/** Whether a member runs since the rotation began that is being finished: its turn was in the run before. */
function isRestartedSince(member: string, began: number | undefined, facts: ClusterFacts): boolean {
  const startedAt = foundOf(facts, member)?.unit.startedAt;
  return began !== undefined && startedAt !== undefined && startedAt * 1000 >= began;
}

/** What was found on the host that has the certificate. */
function foundAt({ member = '', consumer = '' }: DesiredCertificate, facts: ClusterFacts) {
  return foundOf(facts, member) ?? foundConsumer(facts, consumer);
}
