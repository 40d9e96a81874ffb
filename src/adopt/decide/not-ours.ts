import type { Problem } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import type { AdoptedMember } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { note } from './note.ts';

/** Members that no unit of systemd runs: who starts them again is not asked by us. */
export function notOurs(members: readonly AdoptedMember[]): readonly Problem[] {
  return members.flatMap(({ listed, found }): readonly Problem[] => {
    const { process, unit, program, ways, told } = found?.etcd ?? {};
    if (found === undefined || process === undefined) return [];
    if (unit !== undefined && process.container === undefined) return [];
    const { manifests } = found.machine;
    const who =
      manifests.length > 0
        ? `it is the static pod of ${manifests.join(', ')}, which the kubelet starts again whatever else is done`
        : process.container === undefined
          ? `it is process ${process.pid} of no unit, and nothing starts it again`
          : `it runs in a container (${process.container})`;
    const way = ways?.[told?.way ?? 0];
    const tls =
      way?.pair === undefined
        ? ''
        : ` --cacert ${way.ca ?? 'CA'} --cert ${way.pair.certificate} --key ${way.pair.key}`;
    return [
      note('not of a unit', [nameOf({ listed })], `is not ours to run: ${who}`, {
        severity: 'fail',
        next: [
          remedy`hand the data over by a snapshot (${program?.etcdctl ?? 'etcdctl'} --endpoints ${way?.endpoint ?? 'URL'}${tls} snapshot save FILE, then restore it into a cluster of an inventory)`,
          remedy`have a unit run it first, one member after another: end what starts it now, then start it by a unit with the same settings`,
        ],
      }),
    ];
  });
}
