import { type Mistake, shown } from '../mistake.ts';
import { nameOf, type Path } from '../path.ts';
import type { Inventory } from '../schema.ts';
import type { Rule } from './rule.ts';

/** What the store calls its own files. */
const TAKEN: ReadonlySet<string> = new Set(['admin', 'ca', 'ca-chain', 'trust']);

/** What holds for clients and the hosts that get their certificates. */
export const CONSUMER_RULES: readonly Rule[] = [
  {
    name: 'clients have names of their own',
    level: 'error',
    check: ({ inventory }) => [
      ...inventory.clients.flatMap(({ name }, index) =>
        TAKEN.has(name)
          ? mistake(['clients', index, 'name'], `${shown(name)} is a name of the store's own`)
          : [],
      ),
      ...twice(
        inventory.clients.map(({ name }, index) => [name, ['clients', index, 'name']]),
        'is taken',
      ),
    ],
  },
  {
    name: 'consumers have names of their own',
    level: 'error',
    check: ({ inventory }) =>
      twice(
        inventory.consumers.map(({ name }, index) => [name, ['consumers', index, 'name']]),
        'is taken',
      ),
  },
  {
    name: 'a consumer names each of its hosts once',
    level: 'error',
    check: ({ inventory }) =>
      inventory.consumers.flatMap(({ hosts }, index) =>
        twice(
          hosts.map(({ address }, at) => [address, ['consumers', index, 'hosts', at, 'address']]),
          'is named before',
        ),
      ),
  },
  {
    name: 'consumers on one host have directories of their own',
    level: 'error',
    check: ({ inventory }) =>
      twice(
        inventory.consumers.flatMap(({ hosts, directory }, index) =>
          hosts.map(({ address }) => [
            `${address} ${directory}`,
            ['consumers', index, 'directory'],
          ]),
        ),
        'is taken there',
      ),
  },
  {
    // The directory becomes a link that is swapped; what else lies in it would be out of reach.
    name: 'directories of consumers are not directories of etcd or the system',
    level: 'error',
    check: ({ inventory }) =>
      inventory.consumers.flatMap((one, index) => place(inventory, one, index)),
  },
  {
    name: 'http has no clients with certificates',
    level: 'warning',
    check: ({ inventory: { protocol, clients, consumers } }) =>
      protocol === 'http' && clients.length + consumers.length > 0
        ? mistake(
            [consumers.length > 0 ? 'consumers' : 'clients'],
            'get no certificates with protocol: http',
          )
        : [],
  },
];

const SYSTEM =
  /^\/(proc|sys|dev|run|tmp|boot)\/|^\/(etc|usr|var)\/[^/]+$|^\/(etc\/kubernetes\/pki|var\/lib\/(kubelet|containerd|docker))$/;

function place(
  { etcd: { paths } }: Inventory,
  { directory }: Inventory['consumers'][number],
  index: number,
): readonly Mistake[] {
  const at: Path = ['consumers', index, 'directory'];
  const own = Object.values(paths).find((path) => `${directory}/`.startsWith(`${path}/`));
  if (own !== undefined) return mistake(at, `${directory} lies in ${own}, which is etcd's`);
  if (!SYSTEM.test(directory)) return [];
  return mistake(at, `${directory} is not for this alone; name a directory below it`);
}

function twice(
  claims: readonly (readonly [key: string, path: Path])[],
  how: string,
): readonly Mistake[] {
  const first = new Map<string, Path>();
  return claims.flatMap(([key, path]) => {
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, path);
      return [];
    }
    const message = `${nameOf(path)} ${shown(key)} ${how} by ${nameOf(other)}`;
    return [{ path, message, other }];
  });
}

function mistake(path: Path, complaint: string): readonly Mistake[] {
  return [{ path, message: `${nameOf(path)} ${complaint}` }];
}
