import type { DesiredCluster } from '../../desired/cluster.ts';
import { restorePlaces } from '../../desired/restoring.ts';
import { type HostLane, onHost } from '../lane.ts';
import { planOf } from '../make-plan.ts';
import type { Plan, Wave } from '../plan.ts';
import type { HostStep } from '../step.ts';
import { awaitReady, rewriteConf } from '../step-words.ts';
import { stopping, together, whileStopped } from '../together.ts';
import { unnoticed } from '../unnoticed.ts';
import { isRestored, type UnfinishedRestore } from './half-restored.ts';
import { canServeWithout, formerVoters } from './restore-quorum.ts';
import { configurationFiles, recordsOf, stagings } from './restore-steps.ts';
import { isExchanged } from './unfinished.ts';

export interface PutBackOptions {
  /** The etcd.conf that members are to start with instead of the one they had. */
  readonly confs?: Readonly<Record<string, string>> | undefined;
}

/**
 * Decides how the cluster becomes again what it was before an unfinished restore: former data and configuration back in
 * their places, and running where it ran. Only hosts that could be asked are touched.
 */
export function planPutBack(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, UnfinishedRestore>,
  { confs = {} }: PutBackOptions = {},
): Plan {
  const members = desired.members.flatMap(({ name }) => {
    const host = hosts.get(name);
    const intent = host?.found.intent;
    return host === undefined || intent === undefined ? [] : [{ name, ...host, intent }];
  });
  // Who has lost its data since does not start, and too few with data serve nobody: what comes next decides.
  const whole = members.filter(
    (member) => isExchanged(member) || member.facts.data?.hasLog === true,
  );
  const lost = members.filter((member) => !whole.includes(member)).map(({ name }) => name);
  const canServe = canServeWithout(formerVoters(desired, hosts), lost);
  const because = 'the restore is taken back';
  const { unit } = desired;
  const files = configurationFiles(desired);
  const lanes = <One extends HostStep>(
    steps: (member: (typeof members)[number]) => readonly One[],
  ) => members.map((member) => onHost(member.name, steps(member)));
  const places = ({ intent, found }: (typeof members)[number]) =>
    restorePlaces(desired.paths, intent.began, found);

  const waves: readonly Wave[] = [
    ...stopRestored(desired, hosts),
    ...whileStopped(
      'put the former data back',
      lanes((member) =>
        isExchanged(member)
          ? [
              {
                kind: 'put-data-back',
                places: places(member),
                files,
                isRestored: isRestored(member, member.intent),
                because,
              },
            ]
          : [],
      ),
    ),
    ...together(
      'start what ran before',
      lanes((member) => {
        const { intent, facts, name } = member;
        const isDown = facts.unit.pid === 0 || isExchanged(member);
        return intent.ran && isDown && whole.includes(member)
          ? [
              ...openSteps(desired, confs[name]),
              { kind: 'start-unit', unit, because: 'it ran before' },
              ...(intent.served && canServe
                ? [awaitReady(desired, 'the cluster answered before')]
                : []),
            ]
          : [];
      }),
      {
        among: (canServe ? whole : [])
          .filter(({ intent }) => intent.served && intent.ran)
          .map(({ name }) => name),
      },
    ),
    ...unnoticed(
      'clean up',
      lanes((member) => [
        {
          kind: 'remove',
          paths: [...stagings(places(member)), ...recordsOf(desired, member.found)],
          because,
        },
      ]),
    ),
  ];
  return planOf(desired, waves);
}

/** Stops members that run on restored data, or on data half exchanged; what they acknowledged shows once they stand still. */
export function planStopRestored(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, UnfinishedRestore>,
): Plan {
  return planOf(desired, stopRestored(desired, hosts));
}

function stopRestored(
  { unit }: DesiredCluster,
  hosts: ReadonlyMap<string, UnfinishedRestore>,
): readonly Wave[] {
  // One that systemd is about to start again has no process for a moment.
  const running = [...hosts].filter(
    ([, host]) =>
      isExchanged(host) && (host.facts.unit.pid > 0 || host.facts.unit.active === 'activating'),
  );
  const because = 'the restore is taken back';
  // One after another: stopped together, a leader waits seven seconds for a member to hand its leadership to.
  return running.flatMap(([host]) =>
    stopping(`stop what was restored on ${host}`, [
      onHost(host, [{ kind: 'stop-unit', unit, because }]),
    ]),
  );
}

/** Starts restored members that were stopped and turned out to hold what nobody else has. */
export function planStartRestored(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, UnfinishedRestore>,
): Plan {
  const because = 'it may hold writes that no other cluster has';
  const lanes = [...hosts].flatMap(([host, half]): readonly HostLane[] => {
    const { intent } = half.found;
    const stands = intent !== undefined && isRestored(half, intent) && half.facts.unit.pid === 0;
    return stands ? [onHost(host, [{ kind: 'start-unit', unit: desired.unit, because }])] : [];
  });
  return planOf(desired, together('start what was restored', lanes, { among: [] }));
}

function openSteps({ paths }: DesiredCluster, content: string | undefined): readonly HostStep[] {
  if (content === undefined) return [];
  const change = { content, before: undefined };
  return [rewriteConf(paths.confFile, change, 'its clients are served again')];
}
