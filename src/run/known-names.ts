import { consumerName } from '../desired/client-certificates.ts';
import { Failure } from '../failure/failure.ts';
import { nearest } from '../inventory/nearest.ts';
import type { Inventory } from '../inventory/schema.ts';
import { remedy } from '../problem/remedy.ts';

/** Options that name who is meant: members, for some also consumers; or the cluster, where nobody types a phrase. */
export interface NamesGiven {
  readonly limit?: readonly string[] | undefined;
  readonly without?: readonly string[] | undefined;
  readonly members?: readonly string[] | undefined;
  readonly member?: string | undefined;
  readonly fromMember?: string | undefined;
  readonly on?: string | undefined;
  readonly yesWipe?: string | undefined;
  readonly yesPurge?: string | undefined;
  readonly yesRestore?: string | undefined;
}

/** Throws a Failure (usage) for a name that the inventory does not have, before any host is asked. */
export function refuseUnknownNames(
  { cluster, members, consumers }: Pick<Inventory, 'cluster' | 'members' | 'consumers'>,
  file: string,
  given: NamesGiven,
): void {
  const known = members.map(({ name }) => name);
  const { limit = [], without = [], members: meant = [], member, fromMember, on } = given;
  for (const name of [...limit, ...without, ...meant, fromMember, on])
    if (name !== undefined && !known.includes(name))
      throw unknownName(cluster, 'member', name, known);
  const holders = [
    ...known,
    ...consumers.flatMap((one) => one.hosts.map((host) => consumerName(one, host))),
  ];
  if (member !== undefined && !holders.includes(member))
    throw unknownName(cluster, 'member', member, holders);
  const { yesWipe, yesPurge, yesRestore } = given;
  const flags = { wipe: yesWipe, purge: yesPurge, restore: yesRestore };
  for (const [what, name] of Object.entries(flags)) {
    if (name === undefined || name === cluster) continue;
    throw new Failure(
      'usage',
      `--yes-${what} ${name}: the cluster of ${file} is called ${cluster}`,
      {
        next: [
          remedy`name the inventory of ${name}`,
          remedy`write --yes-${what} ${cluster}, if ${file} is really the one`,
        ],
      },
    );
  }
}

/** A name that there is not, with the one that was most likely meant. */
export function unknownName(
  cluster: string,
  what: 'member' | 'certificate',
  name: string,
  known: readonly string[],
): Failure {
  const near = nearest(name, known);
  const all = [...new Set(known)].join(', ');
  return new Failure('usage', `${cluster} has no ${what} ${name}`, {
    next: [
      near === undefined
        ? remedy`name one of ${all}`
        : remedy`did you mean ${near}? There are ${all}`,
    ],
  });
}
