import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { MachineFact } from '../../facts/host/machine.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { remedy } from '../../problem/remedy.ts';
import { bytesOf, cpusOf, SERVICE_SETTINGS } from '../../systemd/service-settings.ts';
import type { Refusal } from '../plan.ts';

/** Why settings of the unit would not do what they say on this host, or would end the member. */
export function serviceRefusals(
  { service }: Pick<DesiredCluster, 'service'>,
  { name }: Pick<DesiredMember, 'name'>,
  { machine, unit }: Pick<MemberFacts, 'machine' | 'unit'>,
): readonly Refusal[] {
  const refusal = (kind: string, sentence: string, next: Refusal['next']): Refusal => ({
    ...{ kind, about: [name], sentence: `${name}: ${sentence}`, next },
  });
  const unknown = [...service.keys()].flatMap((key) => {
    const since = SERVICE_SETTINGS.get(key)?.since ?? 0;
    return machine.systemd >= since
      ? []
      : [
          refusal(
            'service-setting-unknown',
            `systemd ${machine.systemd} does not know ${key} (etcd.service), which came with ${since}`,
            [remedy`take ${key} out of etcd.service`],
          ),
        ];
  });
  const cpus = service.get('CPUAffinity');
  const online = machine.cpus === undefined ? undefined : new Set(cpusOf(machine.cpus));
  const isElsewhere =
    cpus !== undefined && online !== undefined && !cpusOf(cpus).some((one) => online.has(one));
  const used = unit.process?.memory ?? 0;
  const limit = bytesOf(service.get('MemoryMax') ?? '') ?? Number.POSITIVE_INFINITY;
  return [
    ...unknown,
    ...(isElsewhere
      ? [
          refusal(
            'cpus-not-here',
            `has none of the CPUs ${cpus} (etcd.service.CPUAffinity), only ${machine.cpus}, so etcd would not start`,
            [remedy`name CPUs in etcd.service.CPUAffinity that every member's host has`],
          ),
        ]
      : []),
    ...(used > limit
      ? [
          refusal(
            'memory-limit',
            `etcd has ${mebibytes(used)} MiB of memory now, and with etcd.service.MemoryMax ${service.get('MemoryMax')} the kernel would end it`,
            [remedy`set etcd.service.MemoryMax well above ${mebibytes(used)}M`],
          ),
        ]
      : []),
  ];
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 1024 ** 2);
}

/**
 * Whether a setting of the unit counts from the next start on. The limits of a group of processes are changed by systemd when
 * it reads its files again: 247 and 252 do, 257 does not.
 */
export function waitsForStart(name: string, { systemd }: Pick<MachineFact, 'systemd'>): boolean {
  return SERVICE_SETTINGS.get(name)?.of !== 'group' || systemd > LAST_THAT_APPLIES;
}

const LAST_THAT_APPLIES = 252;
