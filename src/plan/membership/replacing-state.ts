import type { EtcdMember } from '../../etcd/answers.ts';

/** A member whose place in the cluster a new one takes, of the same name and without data. */
export interface Replacing {
  readonly name: string;
  /** What is to be taken out of etcd's list; nothing where that has been done. */
  readonly former: EtcdMember | undefined;
  /** Where the former member ran, if that is another machine than the inventory names now. */
  readonly formerAddress: string | undefined;
  /** Whether its successor is in the list already. */
  readonly isListed: boolean;
  /** Whether its host is still the former member's: its process and data go out of the way. */
  readonly isOccupied: boolean;
  /** Ids that corruption alarms name and that end with it: of the former one, of those that have left before, of nobody. */
  readonly ended: readonly string[];
}
