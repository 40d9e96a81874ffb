import {
  canonicalValue,
  type DeadSetting,
  isOfAnotherVersion,
} from '../../etcd/effective-settings.ts';
import type { GivenSetting } from '../../etcd/flags-given.ts';
import { whyAlike } from '../../etcd/flags-member.ts';
import { groupedBy } from '../../problem/grouped.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { AdoptedMember } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { alike, note } from './note.ts';

/** What only a first start reads: history once the member has data. */
const OF_FIRST_START: ReadonlySet<string> = new Set([
  ...['initial-cluster', 'initial-cluster-state', 'initial-cluster-token', 'config-file'],
]);

const WHY: Readonly<Record<DeadSetting['why'], string>> = {
  unknown: 'is known to no version',
  'beside a file': 'is not read beside config-file',
  'for etcdctl': 'in the environment of the server: etcdctl reads that, and etcd does not',
  'behind a flag': 'stands beside a flag of the same name: later versions do not start with both',
  'ignored key': 'is no key that etcd reads there',
  'no flag': 'is no flag, and ends the reading of flags',
};

/** What members are told that nobody reads, and what their files say otherwise than their processes. */
export function settingsNotes(members: readonly AdoptedMember[]): readonly Problem[] {
  const seen = members.flatMap(({ found, ...one }) =>
    found === undefined ? [] : [{ name: nameOf(one), etcd: found.etcd, listed: one.listed }],
  );
  const dead = seen.flatMap(({ name, etcd }) => {
    const { dead: all } = etcd.running ?? etcd.filed ?? { dead: [] };
    return all.map((one) => ({ name, one, version: etcd.program.version ?? '' }));
  });
  const grouped = groupedBy(dead, ({ one }) =>
    one.why === 'for etcdctl' ? one.why : `${one.why} ${one.name}`,
  );
  return [
    ...[...grouped.values()].flatMap((group) => deadNote(group) ?? []),
    ...alike([
      ...seen.flatMap(({ name, etcd: { running, filed } }) =>
        running === undefined || filed === undefined
          ? []
          : differences(running.settings, filed.settings).map((one) => differenceNote(name, one)),
      ),
      ...seen.flatMap(({ name, etcd: { filed, process } }) =>
        (filed?.fatal ?? []).map(({ message, place }) =>
          note(
            'next start fails',
            [name],
            `${process === undefined ? 'it cannot start' : 'its next start fails'}: ${at(place)}${message}`,
            { severity: 'fail', next: [remedy`up writes files that it can start with`] },
          ),
        ),
      ),
      ...seen.flatMap(({ name, etcd, listed }) => {
        const own = etcd.running?.settings.get('initial-advertise-peer-urls')?.value;
        const published = listed.peerUrls.join(',');
        return own === undefined || sorted(own) === sorted(published)
          ? []
          : [
              note(
                'published elsewhere',
                [name],
                `runs with initial-advertise-peer-urls ${own}, and the member list has ${published}: others dial what the list has`,
                {
                  severity: 'warn',
                  next: [
                    remedy`start it with the URLs of the list first; another protocol is brought after up, by ${provision('migrate', INVENTORY, '--to', 'https')} where it is to be that`,
                  ],
                },
              ),
            ];
      }),
    ]),
  ];
}

function deadNote(
  group: readonly { readonly name: string; readonly one: DeadSetting; readonly version: string }[],
): Problem | undefined {
  const [first] = group;
  if (first === undefined) return undefined;
  const { one, version } = first;
  const names = [...new Set(group.map(({ name }) => name))];
  const called = [...new Set(group.map(({ one: { name } }) => name))];
  const why =
    one.why === 'unknown' && isOfAnotherVersion(one.name)
      ? `is not known to etcd ${version}`
      : WHY[one.why];
  const places = [...new Set(group.flatMap(({ one: { place } }) => place ?? []))];
  const isHarmless = one.why === 'for etcdctl';
  return note(
    'dead setting',
    names,
    `${called.join(', ')} ${why}${places.length === 0 ? '' : ` (${places.join(', ')})`}: ${names.join(', ')}`,
    isHarmless ? {} : { severity: 'warn' },
  );
}

interface Difference {
  readonly flag: string;
  readonly runs: GivenSetting | undefined;
  readonly says: GivenSetting | undefined;
}

function differences(
  running: ReadonlyMap<string, GivenSetting>,
  filed: ReadonlyMap<string, GivenSetting>,
): readonly Difference[] {
  const flags = [...new Set([...running.keys(), ...filed.keys()])].sort();
  return flags
    .map((flag) => ({ flag, runs: running.get(flag), says: filed.get(flag) }))
    .filter(({ flag, runs, says }) => value(flag, runs) !== value(flag, says))
    .filter(({ flag }) => !OF_FIRST_START.has(flag));
}

function value(flag: string, given: GivenSetting | undefined): string {
  return given === undefined ? '' : canonicalValue(flag, given.value);
}

function differenceNote(name: string, { flag, runs, says }: Difference): Problem {
  const now = runs === undefined ? 'without it' : `with ${runs.value}`;
  const next = says === undefined ? 'do not have it' : `say ${says.value}`;
  const place = says?.place === undefined ? '' : ` (${says.place})`;
  const grave = whyAlike(flag) !== undefined ? 'warn' : undefined;
  return note(
    'files differ',
    [name],
    `${flag}: it runs ${now}, and its files ${next}${place}; the inventory has what runs`,
    grave === undefined ? {} : { severity: grave },
  );
}

function at(place: string | undefined): string {
  return place === undefined ? '' : `${place}: `;
}

function sorted(urls: string): string {
  return urls.split(',').sort().join();
}
