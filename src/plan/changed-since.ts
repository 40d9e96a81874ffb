import type { DesiredCluster } from '../desired/cluster.ts';
import { canGoBack } from '../etcd/upgrade-path.ts';
import { usualLog } from '../etcd/usual-log.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { FormerFact } from '../facts/data/former.ts';
import type { SeenMember } from '../observed/observed.ts';
import { INVENTORY, type Next, type Offered, provision, remedy } from '../problem/remedy.ts';

/** Something that is not as it was when a member was taken over. */
export interface Change {
  readonly what: string;
  /** How that is brought back; undefined where it cannot be. */
  readonly back: Offered | undefined;
}

/** What has changed of a member since it was taken over, so that what ran before could not go on with it. */
export function changesSince(
  desired: DesiredCluster,
  store: ClusterFacts['store'],
  { found, listed }: Pick<SeenMember, 'found' | 'listed'>,
  { note, programSha256 }: FormerFact,
): readonly Change[] {
  const version = found.etcd.status?.version ?? desired.version;
  const runs = found.unit.process?.environment;
  const given = (variable: string, otherwise: string) =>
    runs === undefined ? otherwise : (runs.get(variable) ?? '');
  const byUp = (key: string, value: string) =>
    remedy`set ${key} to ${value} in ${INVENTORY}, then: ${provision('up', INVENTORY)}`;
  // To an older patch of the same minor version nobody goes back.
  const older = canGoBack(version, note.version) ? byUp('etcd.version', note.version) : undefined;
  const to = note.protocol;
  const accepted = to === 'http' ? ['--accept-plaintext'] : [];
  const switched = remedy`${provision('migrate', INVENTORY, '--to', to, ...accepted)}; once clients have moved: ${provision('migrate', INVENTORY, '--to', to, '--finish', ...accepted)}; then set protocol: ${to} in ${INVENTORY}`;
  // A cluster without TLS does not look at certificates.
  const cas =
    note.protocol === 'http'
      ? []
      : ([
          ['the fingerprint of its CA', note.ca, store.ca?.fact.fingerprint256 ?? ''],
          [
            "the fingerprint of its peers' own CA",
            note.peerCa,
            store.peerCa?.fact.fingerprint256 ?? '',
          ],
        ] as const);
  const pairs = [
    ['its version', note.version, version, older],
    ['its version in the inventory', note.version, desired.version, older],
    ['its protocol', note.protocol, desired.protocol, switched],
    [
      'its data directory',
      note.data,
      given('ETCD_DATA_DIR', desired.paths.data),
      byUp('etcd.paths.data', note.data),
    ],
    // With another one it would begin an empty log.
    [
      'the directory of its log',
      note.wal,
      given('ETCD_WAL_DIR', logBeside(desired)),
      note.wal === ''
        ? remedy`take ${desired.paths.walKey} out of ${INVENTORY}, then: ${provision('up', INVENTORY)}`
        : remedy`set etcd.paths.walDirectory to ${note.wal} in ${INVENTORY}, in the place of etcd.paths.wal, then: ${provision('up', INVENTORY)}`,
    ],
    ...cas,
  ] as const;
  const urls = listed?.peerUrls ?? [];
  const before = note.peerUrl.split(',');
  const isElsewhere = urls.length > 0 && !before.some((url) => urls.includes(url));
  const isThere = urls.some((url) => before.map(withoutScheme).includes(withoutScheme(url)));
  return [
    ...pairs.flatMap(([what, before, now, back]) =>
      before === now
        ? []
        : [{ what: `${what} was ${before || 'none'} and is ${now || 'none'}`, back }],
    ),
    ...(isElsewhere
      ? [
          {
            what: `its peer URL was ${note.peerUrl} and is ${urls.join(',')}`,
            back: isThere
              ? switched
              : remedy`have ${INVENTORY} say that address and port again, then: ${provision('up', INVENTORY)}`,
          },
        ]
      : []),
    ...(programSha256 === note.sha256
      ? []
      : [
          {
            what: `the program that it ran is ${programSha256 === undefined ? 'gone' : 'another'} (${note.executable})`,
            back: remedy`put etcd ${note.version} back at ${note.executable} on its host, the same file as before`,
          },
        ]),
  ];
}

/** What etcd is told of the directory of its log; nothing where that is in the data. */
function logBeside({ paths }: DesiredCluster): string {
  return paths.wal === usualLog(paths.data) ? '' : paths.wal;
}

function withoutScheme(url: string): string {
  return url.replace(/^https?:/, '');
}

/** What brings all of it back, where that is possible: one sentence. */
export function allBack(changes: readonly Change[]): Next {
  const ways = changes.flatMap(({ back }) => back ?? []);
  if (changes.some(({ back }) => back === undefined)) return [];
  const distinct = ways.filter(
    (one, at) => ways.findIndex((other) => sameParts(one, other)) === at,
  );
  const parts = distinct.flatMap((one, at) => (at === 0 ? one.parts : ['; and ', ...one.parts]));
  return [{ parts, requires: [] }];
}

function sameParts(one: Offered, other: Offered): boolean {
  return JSON.stringify(one.parts) === JSON.stringify(other.parts);
}
