import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { formerDirectory } from '../facts/data/former.ts';
import type { SeenMember } from '../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { untouchable } from './maintaining/maintenance-refusals.ts';
import type { Refusal } from './plan.ts';
import { downtimeRefusals, notAnsweringRefusals } from './policy.ts';
import { remedies } from './refusing/remedies.ts';

/** Why these members cannot run again as they did before provision. */
export function giveBackRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  due: readonly SeenMember[],
  options: { readonly allowDowntime: boolean },
): readonly Refusal[] {
  const first = untouchable(desired, facts);
  if (first.length > 0) return first;
  const changed = due.flatMap((member) => whatChanged(desired, facts, member));
  if (changed.length > 0) return changed;
  return [
    ...notAnsweringRefusals(desired, facts, 'this', [remedies.doctor()]),
    ...(due.length === 0 ? [] : downtimeRefusals(desired, facts, options, 'giving it back')),
  ];
}

function whatChanged(
  desired: DesiredCluster,
  { store }: ClusterFacts,
  { name, found, listed }: SeenMember,
): readonly Refusal[] {
  const { former } = found;
  if (former === undefined)
    return [
      {
        kind: 'no-former',
        about: [name],
        sentence: `${name}: provision has set it up, and nothing is kept of anything before`,
        next: [
          remedy`leave the cluster with provision; or, if ${name} has joined since, take it out of the inventory and have it removed first: ${provision('up', INVENTORY, '--remove', name)}`,
        ],
      },
    ];
  const { note, programSha256 } = former;
  const version = found.etcd.status?.version ?? desired.version;
  const runs = found.unit.process?.environment;
  const given = (variable: string, otherwise: string) =>
    runs === undefined ? otherwise : (runs.get(variable) ?? '');
  const pairs = [
    ['its version', note.version, version],
    ['its version in the inventory', note.version, desired.version],
    ['its protocol', note.protocol, desired.protocol],
    ['its data directory', note.data, given('ETCD_DATA_DIR', desired.paths.data)],
    // With another one it would begin an empty log.
    ['the directory of its log', note.wal, given('ETCD_WAL_DIR', logBeside(desired))],
    ['the fingerprint of its CA', note.ca, store.ca?.fact.fingerprint256 ?? ''],
    ["the fingerprint of its peers' own CA", note.peerCa, store.peerCa?.fact.fingerprint256 ?? ''],
  ] as const;
  const urls = listed?.peerUrls ?? [];
  const isElsewhere = urls.length > 0 && !note.peerUrl.split(',').some((url) => urls.includes(url));
  const changes = [
    ...pairs.flatMap(([what, before, now]) =>
      before === now ? [] : [`${what} was ${before || 'none'} and is ${now || 'none'}`],
    ),
    ...(isElsewhere ? [`its peer URL was ${note.peerUrl} and is ${urls.join(',')}`] : []),
    ...(programSha256 === note.sha256
      ? []
      : [
          `the program that it ran is ${programSha256 === undefined ? 'gone' : 'another'} (${note.executable})`,
        ]),
  ];
  if (changes.length === 0) return [];
  return [
    {
      kind: 'changed-since',
      about: [name],
      sentence: `${name}: cannot run as it did before provision: ${changes.join('; ')}`,
      next: [
        remedy`change that back first, by ${INVENTORY} and ${provision('up', INVENTORY)}, or leave the cluster with provision; what it was is in ${formerDirectory(desired.unit)} on its host`,
      ],
    },
  ];
}

/** What etcd is told of the directory of its log; nothing where that is in the data. */
function logBeside({ paths }: DesiredCluster): string {
  return paths.walHome === undefined ? '' : paths.wal;
}
