import type { DesiredCluster } from '../desired/cluster.ts';
import { guardPath } from '../desired/guard.ts';
import { readHeader } from '../desired/header.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { type FormerFact, formerDirectory } from '../facts/data/former.ts';
import type { MemberFacts } from '../facts/member.ts';
import { type ObservedMember, observed, type SeenMember } from '../observed/observed.ts';
import { addedDropIns, editedSince, isDropIn } from './edited-since.ts';
import { giveBackRefusals } from './give-back-refusals.ts';
import { onHost } from './lane.ts';
import { planOf, refusedPlan } from './make-plan.ts';
import type { Plan } from './plan.ts';
import { leaderLast, rolling, type Turn } from './rolling.ts';
import type { FileChange, HostStep } from './step.ts';
import { awaitReady, when } from './step-words.ts';
import { unnoticed } from './unnoticed.ts';
import { yieldSteps } from './waves.ts';

export interface GiveBackOptions {
  readonly allowDowntime: boolean;
}

/**
 * Members that were taken over run by their former units and files again, one after another, with the data they have by now.
 * Refused where more than that has changed since: what ran then could not go on with it.
 */
export function planGiveBack(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: GiveBackOptions,
): Plan {
  const { members, seen } = observed(desired, facts);
  const kept = seen.filter(hasFormer);
  const due = seen.filter(isTaken);
  // A run that was cut off before their restart has written ours over theirs: what runs does not show it.
  const written = kept.filter((one) => !due.includes(one));
  // Whatever the inventory says of the layout by now.
  const guard = guardPath(desired.unit);
  const guarded = seen.filter(({ found }) =>
    found.launch.dropIns.some(
      ({ path, content }) => path === guard && readHeader(content)?.cluster === desired.name,
    ),
  );
  if (due.length === 0 && kept.length === 0 && guarded.length === 0)
    return planOf(desired, [], {
      notes: ['nothing of provision runs its members: there is nothing to give back'],
    });
  const refusals = giveBackRefusals(desired, facts, due, options);
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const edited = editedSince(desired, facts);
  const putBack = ({ name, found }: Kept, because: string) =>
    ({
      kind: 'put-former-back',
      former: formerFiles(desired, found),
      edited: edited.get(name) ?? [],
      because,
    }) as const;
  const turnOf = (member: ObservedMember): Turn => ({
    title: `give ${member.name} back`,
    ...(hasFormer(member)
      ? turnWith(desired, member.found, putBack(member, 'it is to run as it did before provision'))
      : { steps: [], undo: [] }),
  });
  const waves = [
    ...unnoticed(
      'put files back',
      written.map((member) => onHost(member.name, [putBack(member, 'it runs by them still')])),
    ),
    ...unnoticed(
      'leave them as they were',
      guarded.map(({ name }) =>
        onHost(name, [
          {
            kind: 'unguard-unit',
            path: guard,
            because: 'provision does not keep watch over this member any more',
          },
        ]),
      ),
    ),
    ...rolling(due, turnOf, { among: members.map(({ name }) => name), order: leaderLast }),
    ...unnoticed(
      'clean up',
      [...new Set([...kept, ...guarded])].map(({ name }) =>
        onHost(name, [
          {
            kind: 'remove',
            paths: [formerDirectory(desired.unit), desired.paths.incarnation],
            because: 'provision does not run this member any more',
          },
        ]),
      ),
    ),
  ];
  return planOf(desired, waves, { notes: addedDropIns(desired, due) });
}

type Kept = SeenMember & { readonly found: { readonly former: FormerFact } };

function hasFormer(member: ObservedMember): member is Kept {
  return member.found?.former !== undefined;
}

function formerFiles({ unit }: DesiredCluster, { former }: Kept['found']) {
  return { unit, directory: formerDirectory(unit), paths: former.paths };
}

/** Whether it runs, or would, by what provision wrote. */
function isTaken({ found: { unit, unitFile, adopted } }: SeenMember): boolean {
  if (unit.process !== undefined) return unit.process.unit !== undefined;
  return adopted === undefined && readHeader(unitFile?.content) !== undefined;
}

function turnWith(
  desired: DesiredCluster,
  found: Kept['found'],
  putBack: Extract<HostStep, { kind: 'put-former-back' }>,
): Pick<Turn, 'steps' | 'undo'> {
  const { unit, account, paths } = desired;
  const { paths: files, note } = found.former;
  const { data, pki, walHome } = paths;
  const handover = (to: string) => ({
    handover: { account: to, data, pki, ...(walHome !== undefined && { log: walHome }) },
  });
  const { because } = putBack;
  const restart = { ...({ kind: 'restart-unit', unit } as const), because };
  const failed = 'it does not run as it did before';
  const dropIns = files.filter(isDropIn);
  return {
    steps: [
      putBack,
      ...yieldSteps(desired),
      { ...restart, ...(note.account !== account && handover(note.account)) },
      awaitReady(desired, 'the next member may only stop when this one is back'),
    ],
    // What a run that was cut off has put back is not known to be ours any more: the next up takes it over again.
    undo:
      found.adopted === undefined
        ? [
            ...when(dropIns.length > 0, { kind: 'remove', paths: dropIns, because: failed }),
            { kind: 'write-files', files: ours(desired, found), because: failed },
            { kind: 'enable-unit', unit, because: failed },
            { ...restart, because: failed, ...(note.account !== account && handover(account)) },
            awaitReady(desired, 'it was ready before'),
          ]
        : [],
  };
}

/** What provision has there now. */
function ours({ paths }: DesiredCluster, { conf, unitFile }: MemberFacts): readonly FileChange[] {
  return [
    [paths.confFile, conf?.content] as const,
    [paths.unitFile, unitFile?.content] as const,
  ].flatMap(([path, content]) =>
    content === undefined
      ? []
      : [
          {
            file: { path, content, mode: 0o644, owner: 'root:root' },
            // Whatever was put there: it is not of another run.
            before: '',
            because: 'it was there before',
          },
        ],
  );
}
