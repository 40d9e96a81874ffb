/** An alarm as every member tells it, whichever member it is about. */
export interface Alarm {
  /** 16 hexadecimal digits, as everywhere else; `OF_NOBODY` where etcd does not tell which member it is. */
  readonly memberId: string;
  /** NOSPACE or CORRUPT. */
  readonly kind: string;
}

/**
 * The member of an alarm that names none: where no hash is that of most, and from 3.5 to 3.6 whenever the leader compares by
 * the clock (etcdserver/corrupt.go, checkPeerHashes, PeriodicCheck).
 */
export const OF_NOBODY = '0'.repeat(16);

/**
 * The alarms in what `alarm list` says or a status calls errors: `memberID:123 alarm:NOSPACE`, the id in decimal, and left
 * out where it is zero.
 */
export function readAlarms(said: string): readonly Alarm[] {
  const found = [...said.matchAll(/(?:memberID:(\d+)\s+)?alarm:(\w+)/g)].map(
    ([, id = '0', kind = '']) => ({
      memberId: BigInt(id).toString(16).padStart(16, '0'),
      kind,
    }),
  );
  const seen = new Map(found.map((alarm) => [`${alarm.memberId} ${alarm.kind}`, alarm]));
  return [...seen.values()];
}

/** What a member says of alarms: in its status, or, where that is withheld, by its /health, which names only the kind. */
export function alarmsTold({
  status,
  alarmKinds = [],
}: {
  readonly status: { readonly errors: readonly string[] } | undefined;
  readonly alarmKinds?: readonly string[];
}): readonly string[] {
  return (
    status?.errors ??
    alarmKinds.map((kind) => `alarm:${kind} (of which member, users only are told)`)
  );
}

/** The kinds of alarms that members name without saying about whom. */
export function namelessAlarms(
  members: Iterable<{ readonly etcd: { readonly alarmKinds?: readonly string[] } }>,
): readonly string[] {
  return [...new Set([...members].flatMap(({ etcd }) => etcd.alarmKinds ?? []))];
}
