import type { EndpointStatus } from './answers.ts';

/** Whether the member that says this of itself leads the cluster; one that says nothing does not. */
export function leads(status: EndpointStatus | undefined): boolean {
  return status !== undefined && status.leader === status.memberId;
}
