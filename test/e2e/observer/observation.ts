import type { Endpoint } from './kv-client.ts';

/** What the observer is told, one JSON line each. */
export type Order =
  | { readonly do: 'use'; readonly endpoints: readonly Endpoint[] }
  | { readonly do: 'stop' };

export interface Trouble {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly url: string;
  readonly why: string;
}

/** What an observer saw. Times in milliseconds. */
export interface Observation {
  /** Writes that etcd acknowledged. */
  readonly acknowledged: number;
  /** Acknowledged writes that are not there at the end, or with another value. Must be empty, always. */
  readonly lost: readonly string[];
  /** Writes that no endpoint acknowledged within 10 s, though each was tried again and again. */
  readonly failedWrites: readonly string[];
  /** Single attempts that failed at one endpoint before another took the write; a restarting member makes some. */
  readonly failedAttempts: readonly Trouble[];
  /** Linearizable reads that did not see a write acknowledged before they began. Must be empty, always. */
  readonly staleReads: readonly Trouble[];
  readonly failedReads: readonly Trouble[];
  /** Acknowledged writes that the watcher never saw. Must be empty wherever the cluster lives on. */
  readonly missedEvents: readonly string[];
  /** Revisions that a watcher saw out of order, twice, or not at all. Must be empty wherever the cluster lives on. */
  readonly disorderedEvents: readonly string[];
  /** Where and why the watcher had to go on at another member, from the revision after the last it had seen. */
  readonly watchBreaks: readonly Trouble[];
  /** The longest time between two acknowledgements, and when it began. */
  readonly longestStall: { readonly milliseconds: number; readonly at: number };
  /** The longest time the observer itself got no processor: a stall below it says nothing about etcd. */
  readonly ownDelay: number;
  /** How many writes each endpoint took. */
  readonly takenBy: Readonly<Record<string, number>>;
}
