import type { RestoreOrder } from '../../facts/data/restore-intent.ts';

/** The snapshot a cluster is to be made from. */
export interface RestoreSource {
  /** As messages name it. */
  readonly name: string;
  readonly sha256: string;
  /** bytes */
  readonly size: number;
  readonly skipHashCheck: boolean;
  /** What its record says; nothing where it has none. */
  readonly cluster: string | undefined;
  readonly clusterId?: string | undefined;
  readonly peers?: readonly string[] | undefined;
  readonly etcd: string | undefined;
  readonly revision: number | undefined;
  readonly keys: number | undefined;
}

export interface RestoreOptions {
  readonly source: RestoreSource;
  /** Random, so that no member of the former cluster can ever talk to the new one (etcd-facts R10). */
  readonly freshToken: string;
  /** This moment as 20261121T100000Z. */
  readonly began: string;
  /** Recorded on the hosts. */
  readonly order?: RestoreOrder | undefined;
  /** How far the revision is moved on for watchers (etcd-facts §4.4); 0 leaves it. */
  readonly bumpRevision: number;
  /** A snapshot of another cluster is wanted. */
  readonly foreign: boolean;
  /** The revision the cluster must still have when its last member stops; where it is not told, writes may be lost. */
  readonly lastRevision?: number | undefined;
}
