import type { ClusterFacts } from '../../facts/cluster.ts';
import type { BootFact } from '../../facts/host/boot.ts';

/** What is known of the hosts beside the members on them. */
export interface Bootable {
  readonly facts: ClusterFacts;
  readonly boots: ReadonlyMap<string, BootFact>;
}

export interface RebootOptions {
  /** The members whose hosts are rebooted; all where it is missing. */
  readonly members?: readonly string[] | undefined;
  /** Only hosts on which something asks for it. */
  readonly required: boolean;
  /** Hosts that came up within so many seconds have had their turn, in a run that did not come to its end. */
  readonly since?: number | undefined;
  /** The boot of the machine that asks: it does not reboot itself. */
  readonly here?: string | undefined;
  readonly allowDowntime: boolean;
  /** Members that are away, and are done without. */
  readonly away?: readonly string[] | undefined;
  /** How long a host may take to come back. */
  readonly seconds: number;
}
