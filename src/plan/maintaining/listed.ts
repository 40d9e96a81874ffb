import type { DesiredCluster } from '../../desired/cluster.ts';
import { neverStarted } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type ObservedMember, observed, someoneAnswers } from '../../observed/observed.ts';
import { withoutThose } from '../absence/away.ts';
import type { Plan } from '../plan.ts';

/** The part of a cluster that has databases. */
export interface Listed {
  readonly desired: DesiredCluster;
  readonly facts: ClusterFacts;
  /** Who was left out, and who is not looked at. */
  readonly notes: readonly string[];
}

/**
 * Leaves out hosts of the inventory that etcd does not list, or that have never started: they have no part in what is
 * written, and a cluster that is full must not wait for them. Where nobody answers, the inventory is all there is to go by.
 */
export function listed(desired: DesiredCluster, facts: ClusterFacts): Listed {
  const { list, members, strangers } = observed(desired, facts);
  if (list === undefined || !someoneAnswers(facts)) return { desired, facts, notes: [] };
  const out = members.flatMap((one) => {
    const why = one.answers ? undefined : whyNone(one);
    return why === undefined ? [] : [{ name: one.name, why }];
  });
  const isOut = (name: string) => out.some((one) => one.name === name);
  return {
    desired: { ...desired, members: desired.members.filter(({ name }) => !isOut(name)) },
    facts: withoutThose(
      facts,
      out.map(({ name }) => name),
    ),
    notes: [
      ...out.map(({ name, why }) => `${name} ${why}: it is left as it is`),
      ...strangers.map(
        ({ name, id }) =>
          `${name || id} is in etcd's list and not in the inventory: nobody looks at its database`,
      ),
    ],
  };
}

function whyNone({ listed: entry, runs }: ObservedMember): string | undefined {
  if (entry === undefined) return "is not in etcd's list of members";
  return !runs && neverStarted([entry]).length > 0
    ? "is in etcd's list and has never started"
    : undefined;
}

type Planner<Intent> = (desired: DesiredCluster, facts: ClusterFacts, intent: Intent) => Plan;

/** The same planner for the members that etcd lists alone; its plan notes who was left out. */
export function ofListed<Intent>(plan: Planner<Intent>): Planner<Intent> {
  return (desired, facts, intent) => {
    const among = listed(desired, facts);
    const decided = plan(among.desired, among.facts, intent);
    const notes = [...among.notes, ...(decided.notes ?? [])];
    return notes.length === 0 ? decided : { ...decided, notes };
  };
}
