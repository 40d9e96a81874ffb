import { observed } from '../observed/observed.ts';
import type { Decision } from './decision.ts';

/** What clients of running members have to know before these listen at another port: nobody moves them. */
export function clientPortNotes({ desired, seen, members }: Decision): readonly string[] {
  const left = observed(desired, seen).members.flatMap(({ name, desired: { listener }, found }) => {
    const isRestarted = members.some(
      (one) => one.name === name && one.restartBecause !== undefined,
    );
    const urls = found?.unit.process?.environment.get('ETCD_LISTEN_CLIENT_URLS') ?? '';
    const ports = urls.split(',').flatMap((url) => /:(\d+)$/.exec(url)?.[1] ?? []);
    const away = [...new Set(ports)].filter((port) => port !== `${listener.ports.client}`);
    return isRestarted && !ports.includes(`${listener.ports.client}`)
      ? away.map((port) => ({ name, port, next: listener.ports.client }))
      : [];
  });
  const ways = [...new Set(left.map(({ port, next }) => `${port} ${next}`))];
  return ways.map((way) => {
    const [port, next] = way.split(' ');
    const names = left.filter((one) => `${one.port} ${one.next}` === way).map(({ name }) => name);
    return `clients are cut off at port ${port} of ${names.join(', ')}, which listen${names.length === 1 ? 's' : ''} at ${next} alone then: give them both ports before`;
  });
}
