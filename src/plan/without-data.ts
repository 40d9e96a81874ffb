import type { MemberFacts } from '../facts/member.ts';

/** What will be found on a host once its member is stopped and its data moved aside. */
export function withoutData(found: MemberFacts): MemberFacts {
  const { reportedList: _told, database: _held, ...kept } = found;
  const { pid } = found.unit;
  return {
    ...kept,
    unit: { ...found.unit, pid: 0, process: undefined, startedAt: undefined },
    etcd: { healthy: false, complaint: undefined, members: undefined, status: undefined },
    listeners: found.listeners.filter((one) => one.pid !== pid || pid === 0),
    data: undefined,
  };
}
