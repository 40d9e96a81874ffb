import type { DesiredCluster } from '../desired/cluster.ts';
import { intentPath, restorePlaces } from '../desired/restoring.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { RestoreFact } from '../facts/restore.ts';
import type { Lane, Plan, Wave } from './plan.ts';
import { configurationFiles } from './restore.ts';
import type { Step } from './step.ts';

/** A host with an unfinished restore, as it is. */
export interface HalfRestored {
  readonly facts: MemberFacts;
  readonly found: RestoreFact;
}

/**
 * Decides how the cluster becomes again what it was before an unfinished restore: former data and configuration back in
 * their places, and running where it ran. Only hosts that could be asked are touched.
 */
export function planPutBack(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, HalfRestored>,
): Plan {
  const members = desired.members.flatMap(({ name }) => {
    const host = hosts.get(name);
    const intent = host?.found.intent;
    return host === undefined || intent === undefined ? [] : [{ name, ...host, intent }];
  });
  const because = 'the restore is taken back';
  const { unit } = desired;
  const files = configurationFiles(desired);
  const lanes = (steps: (member: (typeof members)[number]) => readonly Step[]): readonly Lane[] =>
    members.map((member) => ({ host: member.name, steps: steps(member) }));
  const places = ({ intent, found }: (typeof members)[number]) =>
    restorePlaces(desired.paths, intent.began, found.mounted);
  const touched = ({ intent, found, facts }: (typeof members)[number]) =>
    found.asides.includes(intent.began) || facts.data?.wal?.clusterId === intent.clusterId;

  const waves: readonly Wave[] = [
    // One after another: stopped together, a leader waits seven seconds for somebody to hand its office to.
    ...members.map((member) =>
      wave(`stop what was restored on ${member.name}`, [
        {
          host: member.name,
          steps:
            touched(member) && member.facts.unit.pid > 0
              ? [{ kind: 'stop-unit', unit, because }]
              : [],
        },
      ]),
    ),
    wave(
      'put the former data back',
      lanes((member) =>
        touched(member) ? [{ kind: 'put-data-back', places: places(member), files, because }] : [],
      ),
    ),
    wave(
      'start what ran before',
      lanes(({ intent, facts, ...member }) =>
        intent.ran && (facts.unit.pid === 0 || touched({ intent, facts, ...member }))
          ? [
              { kind: 'start-unit', unit, because: 'it ran before' },
              ...(intent.served
                ? [{ kind: 'await-ready', unit, because: 'the cluster answered before' } as const]
                : []),
            ]
          : [],
      ),
      members.filter(({ intent }) => intent.served && intent.ran).map(({ name }) => name),
    ),
    wave(
      'clean up',
      lanes((member) => [
        { kind: 'remove', paths: [places(member).staging, intentPath(desired)], because },
      ]),
    ),
  ].filter(({ lanes }) => lanes.length > 0);
  return { cluster: desired.name, waves, refusals: [] };
}

/**
 * Whether the restored cluster may have taken writes: then the former data must not come back by itself. Ready means that
 * a member had quorum; of members that could not be asked nobody knows.
 */
export function mayHaveServed(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, HalfRestored>,
): boolean {
  const quorum = Math.floor(desired.members.length / 2) + 1;
  const silent = desired.members.filter(({ name }) => !hosts.has(name));
  const ready = [...hosts.values()].some(
    ({ facts, found }) =>
      facts.unit.active === 'active' &&
      found.intent !== undefined &&
      facts.data?.wal?.clusterId === found.intent.clusterId,
  );
  return ready || silent.length >= quorum;
}

function wave(title: string, lanes: readonly Lane[], gate: readonly string[] = []): Wave {
  return { title, lanes: lanes.filter(({ steps }) => steps.length > 0), gate, undo: [] };
}
