import type { HereStep } from './here-step.ts';
import type { HostStep, Step } from './step.ts';

/** Steps one after another in one place. Where that is decides which steps there can be. */
export type Lane = HereLane | HostLane;

/** What is done on this machine. */
export interface HereLane<One extends HereStep = HereStep> {
  readonly place: 'here';
  readonly steps: readonly One[];
}

/** What is done to one host. */
export interface HostLane<One extends HostStep = HostStep> {
  readonly place: 'host';
  readonly host: string;
  readonly steps: readonly One[];
}

/** Steps on this machine. */
export function here<One extends HereStep>(steps: readonly One[]): HereLane<One> {
  return { place: 'here', steps };
}

/** Steps for one host. */
export function onHost<One extends HostStep>(host: string, steps: readonly One[]): HostLane<One> {
  return { place: 'host', host, steps };
}

/** What people call the place of a lane. */
export function laneName(lane: Lane): string {
  return lane.place === 'here' ? 'here' : lane.host;
}

/** The hosts of lanes, in their order. */
export function hostsOf(lanes: readonly Lane[]): readonly string[] {
  return lanes.flatMap((lane) => (lane.place === 'host' ? [lane.host] : []));
}

/** All steps of lanes. */
export function stepsOf(lanes: readonly Lane[]): readonly Step[] {
  return lanes.flatMap((lane): readonly Step[] => lane.steps);
}

/** Each step of lanes with what people call its place. */
export function placed(
  lanes: readonly Lane[],
): readonly { readonly place: string; readonly step: Step }[] {
  return lanes.flatMap((lane) => lane.steps.map((step) => ({ place: laneName(lane), step })));
}
