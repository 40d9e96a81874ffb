import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { heldKey } from '../../pki/keys/held-key.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { keysOnHost } from './certificates.ts';

/** Why hosts cannot make the keys that these certificates need; better known now than in the middle. */
export function hostKeyRefusals(
  { certificates, members, consumers }: DesiredCluster,
  facts: ClusterFacts,
  ids: ReadonlySet<string>,
): readonly Refusal[] {
  const wanted = certificates.filter(({ id, keyPlace }) => keyPlace === 'host' && ids.has(id));
  return [...members, ...consumers].flatMap(({ name }) => {
    const mine = wanted.filter(({ member, consumer }) => (member ?? consumer) === name);
    const [first] = mine;
    const complaint = first && keysOnHost(first, facts)?.complaint;
    if (complaint === undefined) return [];
    return [
      {
        kind: 'no-openssl',
        about: [name],
        sentence: `${name}: cannot make the keys of ${mine.map(({ row }) => row).join(', ')}: openssl: ${complaint}`,
        next: [
          remedy`install or repair openssl there (apt-get install openssl), or have keys made here: pki.keys: store`,
        ],
      },
    ];
  });
}

/** Keys that are not where the inventory wants them; only reissued certificates move them, which is for `up` to do. */
export function misplacedKeys(
  { name, certificates }: DesiredCluster,
  { store }: ClusterFacts,
): readonly Refusal[] {
  const ids = certificates.flatMap(({ id, keyPlace }) => {
    const found = store.certificates.get(id);
    return found !== undefined && heldKey(keyPlace, found) === undefined ? [id] : [];
  });
  if (ids.length === 0) return [];
  return [
    {
      kind: 'key-misplaced',
      about: [name],
      sentence: `${name}: the keys of ${ids.join(', ')} are not where the inventory wants them`,
      next: [remedy`have them made there first: ${provision('up', INVENTORY)}`],
    },
  ];
}
