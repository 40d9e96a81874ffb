import { observed } from '../../observed/observed.ts';
import { groupedBy } from '../../problem/grouped.ts';
import type { Decision } from '../decision.ts';

/** What clients of running members have to know before these listen at another port: nobody moves them. */
export function clientPortNotes({ desired, seen, members }: Decision): readonly string[] {
  const restarted = members.filter(({ restartBecause }) => restartBecause !== undefined);
  const isRestarted = new Set(restarted.map(({ name }) => name));
  const left = observed(desired, seen).seen.flatMap(({ name, desired: { listener }, found }) => {
    const next = `${listener.ports.client}`;
    const urls = found.unit.process?.environment.get('ETCD_LISTEN_CLIENT_URLS') ?? '';
    const ports = new Set(urls.split(',').flatMap((url) => /:(\d+)$/.exec(url)?.[1] ?? []));
    return isRestarted.has(name) && !ports.has(next)
      ? [...ports].map((port) => ({ name, port, next }))
      : [];
  });
  return [...groupedBy(left, ({ port }) => port).values()].map((alike) => {
    const names = alike.map(({ name }) => name).join(', ');
    const [first] = alike;
    return `clients are cut off at port ${first?.port} of ${names}, which listen${alike.length === 1 ? 's' : ''} at ${first?.next} alone then: give them both ports before`;
  });
}
