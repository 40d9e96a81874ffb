import type { EtcdFact } from '../../src/facts/etcd/etcd.ts';
import { settled, wanted } from '../plan/facts.ts';

/** What three healthy members say of themselves, but for what a test changes. */
export function etcdFacts(
  change: (name: string, etcd: EtcdFact) => EtcdFact = (_, etcd) => etcd,
): ReadonlyMap<string, EtcdFact> {
  return new Map(
    [...settled(wanted()).members].map(([name, { etcd }]) => [name, change(name, etcd)]),
  );
}
