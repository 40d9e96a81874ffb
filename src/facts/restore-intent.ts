/** The command that began a restore, recorded so that a later run can name it. */
export interface RestoreOrder {
  /** As typed after `provision`, without consent; `INVENTORY` stands for the inventory file. */
  readonly command: readonly string[];
  /** `user@machine`: files that the command names are there. */
  readonly who: string;
  /** The protocol that the cluster spoke before, where it is switched. */
  readonly from?: 'http' | 'https' | undefined;
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
  /** Whether etcd ran on this host before. */
  readonly ran: boolean;
  /** Whether the former cluster answered before. */
  readonly served: boolean;
  /** Missing in older records. */
  readonly order?: RestoreOrder | undefined;
}

/** The intent as a host keeps it. */
export function writeIntent(intent: RestoreIntent): string {
  return `${JSON.stringify(intent, undefined, 2)}\n`;
}
