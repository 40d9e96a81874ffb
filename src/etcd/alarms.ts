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
