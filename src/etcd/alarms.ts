/** An alarm as every member tells it, whichever member it is about. */
export interface Alarm {
  /** 16 hexadecimal digits, as everywhere else. */
  readonly memberId: string;
  /** NOSPACE or CORRUPT. */
  readonly kind: string;
}

/** The alarms in what `alarm list` says or a status calls errors: `memberID:123 alarm:NOSPACE`, the id in decimal. */
export function readAlarms(said: string): readonly Alarm[] {
  const found = [...said.matchAll(/memberID:(\d+) alarm:(\w+)/g)].map(
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
