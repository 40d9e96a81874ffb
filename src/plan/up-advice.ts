import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { nextText } from '../problem/render.ts';
import { planCluster } from './cluster.ts';
import type { Plan } from './plan.ts';

/** What was found about one member, with what to do about it. */
interface Found {
  readonly name: string;
  readonly kind: string;
  readonly cause: string;
  readonly next: string;
}

/** Advice that begins like this sends a person to `up` at once. */
const UP = /^provision up INVENTORY(?=$|:)/;
/** Members that only have to be started. */
const STOPPED = new Set(['stopped', 'not-started']);

/**
 * The same findings, each `provision up` held against what `up` would do now: where it would refuse, the reason and its way
 * out are told; where it would change nothing on the member, that is said.
 */
export function adviseUp<T extends Found>(
  desired: DesiredCluster,
  facts: ClusterFacts,
  findings: readonly T[],
): readonly T[] {
  if (!findings.some(({ next }) => UP.test(next))) return findings;
  const unseen = desired.members.flatMap(({ name }) => (facts.members.has(name) ? [] : [name]));
  const wishes = { freshToken: '', wipe: false, allowDowntime: false };
  const plan = unseen.length === 0 ? planCluster(desired, facts, wishes) : undefined;
  return findings.map((one) => {
    if (!UP.test(one.next)) return one;
    const next =
      plan === undefined ? withoutAll(desired, one, unseen) : withPlan(desired, one, plan);
    return { ...one, next };
  });
}

/** `up` looks at every host before it does anything. */
function withoutAll(
  { unit }: DesiredCluster,
  { kind, next }: Found,
  unseen: readonly string[],
): string {
  const rest = `${next}, once ${unseen.join(', ')} can be reached`;
  return STOPPED.has(kind) ? `on that host: systemctl start ${unit}; or ${rest}` : rest;
}

function withPlan(
  { unit, members }: DesiredCluster,
  { name, cause, next }: Found,
  { refusals, waves }: Plan,
): string {
  const isAbout = (who: string) =>
    refusals.find(
      ({ about, sentence }) => about?.includes(who) || new RegExp(`\\b${who}\\b`).test(sentence),
    );
  const refusal = isAbout(name) ?? refusals[0];
  if (refusal !== undefined) {
    const way = nextText(refusal.next);
    const isSaid = refusal.sentence.endsWith(cause);
    return isSaid ? way : `up refuses now: ${refusal.sentence}; ${way}`;
  }
  const lanes = waves.flatMap((wave) => wave.lanes);
  const acts = lanes.some(
    ({ host, steps }) =>
      steps.length > 0 && (host === name || !members.some((member) => member.name === host)),
  );
  return acts
    ? next
    : `up would change nothing on ${name}; see its log: journalctl --unit ${unit} --lines 50 on that host`;
}
