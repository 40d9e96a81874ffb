import { butAll, type SeenFacts } from '../facts.ts';

/** What a member says of its database. */
export interface Size {
  readonly size: number;
  readonly inUse?: number;
  readonly revision?: number;
  readonly quota?: number;
}

/** The facts with databases of these sizes, of all members or by name, and with alarms of members. */
export function sized(
  facts: SeenFacts,
  of: Size | Readonly<Record<string, Size>>,
  alarms: Readonly<Record<string, string>> = {},
): SeenFacts {
  const ids = new Map([...facts.members].map(([name, { etcd }]) => [name, etcd.status?.memberId]));
  const errors = Object.entries(alarms).map(
    ([name, kind]) => `memberID:${BigInt(`0x${ids.get(name) ?? name}`)} alarm:${kind} `,
  );
  return butAll(facts, ({ etcd, unit }, name) => {
    const one = 'size' in of ? (of as Size) : (of as Record<string, Size>)[name];
    const { size = 20_480, inUse, revision = 100, quota } = one ?? {};
    const process = unit.process && {
      ...unit.process,
      environment: new Map(unit.process.environment).set(
        'ETCD_QUOTA_BACKEND_BYTES',
        String(quota ?? 0),
      ),
    };
    return {
      unit: { ...unit, process },
      etcd: {
        ...etcd,
        status: etcd.status && {
          ...etcd.status,
          ...{ dbSize: size, revision, errors },
          ...(inUse !== undefined && { dbSizeInUse: inUse }),
        },
      },
    };
  });
}
