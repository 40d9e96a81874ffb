import type { DesiredCluster } from '../desired/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { foreignData } from './boot.ts';
import { readConf } from './environment-file.ts';
import type { Refusal } from './plan.ts';

/** Why nothing may be stopped, or with `purge` nothing be removed: something on a host is not this cluster's. */
export function downRefusals(
  cluster: DesiredCluster,
  members: ReadonlyMap<string, MemberFacts>,
  purge: boolean,
): readonly Refusal[] {
  return cluster.members.flatMap((desired) => {
    const facts = members.get(desired.name);
    if (facts === undefined) return [];
    const strange = purge ? foreignData(cluster, { desired, facts }) : [];
    return [
      ...foreignUnit(cluster, desired.name, facts),
      ...strange.map(({ sentence }) => ({
        sentence,
        next: 'take the member out of the inventory; what is not of this cluster only a person removes',
      })),
    ];
  });
}

function foreignUnit(
  { name, unit }: DesiredCluster,
  host: string,
  { unit: found, unitFile }: MemberFacts,
): readonly Refusal[] {
  const owner = readConf(unitFile?.content)?.cluster;
  if (owner === name || (unitFile === undefined && !found.exists)) return [];
  return [
    {
      sentence: `${host}: ${unit}.service ${owner === undefined ? 'was not made by provision' : `belongs to cluster ${owner}`}`,
      next: `take the member out of the inventory, or stop it yourself: systemctl disable --now ${unit} on ${host}`,
    },
  ];
}
