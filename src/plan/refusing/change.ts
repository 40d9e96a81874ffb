/** A setting that a member was made with and that the inventory says otherwise. */
export interface Change {
  readonly member: string;
  /** As the inventory calls it. */
  readonly setting: string;
  readonly was: string;
  readonly is: string;
  readonly runs: boolean;
  /** Nothing of the member is where the inventory has it: another machine is meant, or there is a mistake in it. */
  readonly isBare?: boolean;
}
