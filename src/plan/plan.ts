import type { Problem } from '../problem/problem.ts';
import type { Gate, MemberGate } from './gate.ts';
import type { HostLane, Lane } from './lane.ts';
import type { Left } from './left.ts';
import type { PlannedCluster } from './planned-cluster.ts';
import type { HostStep } from './step.ts';

/**
 * What is to be done, in which order and why. Nothing is left to decide at execution, and nothing to look up: written to
 * JSON and read back it does the same.
 */
export type Plan = PlanNotes & (Changes | NoChanges);

/** What is done, and whom its gates ask. */
export interface Changes {
  readonly target: PlannedCluster;
  readonly waves: readonly Wave[];
}

interface NoChanges {
  readonly target?: undefined;
  readonly waves: readonly [];
}

interface PlanNotes {
  readonly cluster: string;
  /** All members stop before one of them starts: nobody is served meanwhile. */
  readonly stopsAll?: boolean;
  /** Members that stay as they are since their data is of no use: the others are a quorum without them. */
  readonly without?: readonly string[];
  /** Members that do not answer and are done without: what they need is left. */
  readonly away?: readonly string[];
  /** What is not done while they are away, and why. */
  readonly left?: readonly Left[];
  /** What a person should know that no step of this plan changes. */
  readonly notes?: readonly string[];
  /** Why nothing may be done; with any of these the waves are empty. */
  readonly refusals: readonly Refusal[];
}

/** Lanes that run side by side; the next wave starts when the gate of this one holds. */
export interface Wave {
  readonly title: string;
  /** Which turn it is, where members change one after another. */
  readonly turn?: { readonly number: number; readonly of: number };
  /** What must still hold when the wave begins: time has passed since it was looked at. */
  readonly before?: readonly MemberGate[];
  readonly lanes: readonly Lane[];
  /** What must hold before the next wave. */
  readonly gate: readonly Gate[];
  /** Puts the members of this wave back as they were, should a lane or the gate fail; the gate must hold afterwards too. */
  readonly undo: readonly HostLane[];
  /** What must hold when that is done, where it is not the gate: who has been taken out is not asked, and what was wanted is not so. */
  readonly undone?: readonly MemberGate[];
  /** The step after whose end its host is not put back. */
  readonly pointOfNoReturn?: HostStep['kind'];
}

/** Why something must not be done as it was asked for. */
export type Refusal = Problem;
