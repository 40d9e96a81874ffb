import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { leftOut } from '../../plan/certificates/rotate-one.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import { days } from '../../report/days.ts';
import { agreed } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import { unknownName } from '../../run/known-names.ts';
import { needsBut } from '../../run/needs.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import { tellAway } from '../../run/without-hosts.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsRotateOptions } from './options.ts';

/** Renews leaves and brings them out member by member, each proved by fresh handshakes; restarts nothing unasked. */
export async function certsRotate(args: ArgumentsOf<typeof certsRotateOptions>): Promise<void> {
  const { member, name, restart, allowDowntime, without: away } = args;
  const intent: Intent<'rotate-leaves'> = {
    ...{ kind: 'rotate-leaves', member, name, restart, allowDowntime, away },
    withinDays: args.within === undefined ? undefined : days(args.within),
  };
  const remaining: Intent<'converge' | 'rotate-leaves'> =
    member === undefined
      ? { kind: 'converge', allowDowntime, away }
      : { ...intent, withinDays: 0, restart: false };
  const needs = member === undefined ? needsBut(away) : { host: member };
  await withOperation(
    {
      ...args,
      needs,
      withConsumers: true,
      command: 'certs-rotate',
      whenUnreachable: tellAway({ command: wordsOf(args) }),
    },
    async (operation) => {
      const { desired, stop } = operation;
      refuseUnknownKind(desired, name);
      const one = holderOf(operation, member);
      const warn = warnings(desired);
      await changeCluster(operation, args, {
        plan: (facts) => {
          if (one !== undefined) warn(facts);
          return planFor(desired, facts, intent);
        },
        remaining: (facts) => planFor(desired, facts, remaining),
        ...(one !== undefined && {
          mustAnswer: (facts) => [one, ...observed(desired, facts).answers.map(({ name }) => name)],
        }),
        confirm: async ({ cluster }) => {
          if (!args.yes) await agreed(`Rotate the certificates of ${cluster}?`, stop);
        },
      });
    },
  );
}

/** As it was typed, for what is typed in its place. */
function wordsOf({ name, within, restart, allowDowntime }: ArgumentsOf<typeof certsRotateOptions>) {
  return [
    ...['certs', 'rotate'],
    ...(name === undefined ? [] : ['--name', name]),
    ...(within === undefined ? [] : ['--within', within]),
    ...(restart ? ['--restart'] : []),
    ...(allowDowntime ? ['--allow-downtime'] : []),
  ];
}

/** Throws a Failure (usage) where no certificate of the cluster is of this kind. */
function refuseUnknownKind({ name, certificates }: DesiredCluster, kind: string | undefined): void {
  const kinds = certificates.map(({ row }) => row);
  if (kind !== undefined && !kinds.includes(kind))
    throw unknownName(name, 'certificate', kind, kinds);
}

/** The member or consumer of this name. */
function holderOf({ desired }: Operation, wanted: string | undefined): string | undefined {
  return [...desired.members, ...desired.consumers].find(({ name }) => name === wanted)?.name;
}

/** Names each host that could not be asked, once however often all are looked at: it is not a hindrance. */
function warnings(desired: DesiredCluster): (facts: ClusterFacts) => void {
  const told = new Set<string>();
  return (facts) => {
    for (const hindrance of leftOut(desired, facts)) {
      if (!told.has(hindrance)) console.error(`warning: left out: ${hindrance}`);
      told.add(hindrance);
    }
  };
}
