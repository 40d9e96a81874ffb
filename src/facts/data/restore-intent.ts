import { INVENTORY, type Word } from '../../problem/remedy.ts';

/** The command that began a restore, recorded so that a later run can name it. */
export interface RestoreOrder {
  /** As typed after `provision`, without consent. */
  readonly command: readonly Word[];
  /** `user@machine`: files that the command names are there. */
  readonly who: string;
  /** The protocol that the cluster spoke before, where it is switched. */
  readonly from?: 'http' | 'https' | undefined;
}

/** The voters of a cluster, the inventory of which may have named others. */
export interface FormerVoters {
  readonly voters: number;
  /** Those of the inventory, by name. */
  readonly named: readonly string[];
  /** Those of the others that had never started. */
  readonly absent: number;
}

/** What a restore has set out to do on a host. */
export interface RestoreIntent {
  readonly cluster: string;
  /** The unit of its members, since two clusters of one name may share hosts; missing in older records. */
  readonly unit?: string | undefined;
  /** initial-cluster-token of the cluster that is being made. */
  readonly token: string;
  /** The id it will have. */
  readonly clusterId: string;
  /** sha256 of the snapshot. */
  readonly snapshot: string;
  readonly bumpRevision: number;
  /** 20261121T100000Z; names where the former data goes. */
  readonly began: string;
  /** Peer URLs of the cluster that is being made; missing in older records. */
  readonly members?: readonly string[] | undefined;
  /** Who voted in the former cluster by the list that its etcd held; missing in older records. */
  readonly former?: FormerVoters | undefined;
  /** Whether etcd ran on this host before. */
  readonly ran: boolean;
  /** Whether the former cluster answered before. */
  readonly served: boolean;
  /** Missing in older records. */
  readonly order?: RestoreOrder | undefined;
}

/** The intent as a host keeps it; in its command `INVENTORY` stands for the inventory file. */
export function writeIntent({ order, ...intent }: RestoreIntent): string {
  const command = order?.command.map((word) => (typeof word === 'string' ? word : KEPT_INVENTORY));
  const kept = { ...intent, order: order && { ...order, command } };
  return `${JSON.stringify(kept, undefined, 2)}\n`;
}

const KEPT_INVENTORY = 'INVENTORY';

/** A word of a command as a host keeps it. */
export function keptWord(word: string): Word {
  return word === KEPT_INVENTORY ? INVENTORY : word;
}
