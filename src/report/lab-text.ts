import type { LabView } from '../lab/list.ts';
import type { LabRecord } from '../lab/record.ts';

/** The labs of this machine. */
export function labsText(labs: readonly LabView[]): string {
  if (labs.length === 0) return 'no lab here; make one with: provision lab up';
  return labs
    .flatMap(({ name, hosts, debian, etcd, inventory }) => [
      `${name}: ${hosts.filter(({ running }) => running).length} of ${hosts.length} up, ${debian}, etcd ${etcd}`,
      ...hosts.map((host) => `  ${host.name}  ${host.address}  ${host.running ? 'up' : 'down'}`),
      `  inventory  ${inventory}`,
    ])
    .join('\n');
}

/** A lab that is ready, and how to use it. */
export function labReadyText(
  { name, debian, hosts }: LabRecord,
  inventory: string,
  seconds: number,
): string {
  return [
    `lab ${name}: ${hosts.length} × ${debian}, ready in ${seconds.toFixed(1)} s`,
    ...hosts.map((host) => `  ${host.name}  ${host.address}`),
    `log in     provision lab ssh ${hosts[0]?.name}`,
    `cluster    provision up ${inventory}`,
    `end it     provision lab down --name ${name}`,
  ].join('\n');
}
