import { isIP } from 'node:net';
import { canonicalName } from '../../pki/names.ts';
import { isUnspecified, whyUnreachable } from '../address.ts';
import { type Mistake, shown } from '../mistake.ts';
import { nameOf, type Path } from '../path.ts';
import type { Inventory, Member } from '../schema.ts';
import type { Rule } from './rule.ts';

type Claim = { readonly key: string; readonly path: Path; readonly spoken: string };

/** What holds between members. */
export const MEMBER_RULES: readonly Rule[] = [
  {
    name: 'members have names of their own',
    level: 'error',
    check: ({ inventory }) =>
      twice(
        inventory.members.map(({ name }, index) => ({
          key: name,
          path: ['members', index, 'name'],
          spoken: shown(name),
        })),
      ),
  },
  {
    name: 'members have addresses of their own',
    level: 'error',
    check: ({ inventory }) => twice(inventory.members.flatMap(addressClaims)),
  },
  {
    name: 'members are logged in to at places of their own',
    level: 'error',
    check: ({ inventory }) =>
      twice(inventory.members.map((member, index) => door(inventory, member, index)))
        // Where neither names a place for SSH alone, the rule above has said it.
        .filter(({ path, other = [] }) => [path, other].some((one) => one.at(-1) === 'host')),
  },
  {
    name: 'members advertise an address that others can reach',
    level: 'error',
    check: ({ inventory }) =>
      inventory.members.flatMap(({ address, addresses }, index) => [
        ...unreachable(['members', index, 'address'], address),
        ...addresses.flatMap((one, at) => unreachable(['members', index, 'addresses', at], one)),
      ]),
  },
  {
    // etcd: "expected IP in URL for binding" (embed/config.go checkBindURLs).
    name: 'members bind IP addresses',
    level: 'error',
    check: ({ inventory }) => inventory.members.flatMap(bindingMistakes),
  },
  {
    name: 'members are an odd number',
    level: 'warning',
    check: ({ inventory }) => oddness(inventory.members.length),
  },
];

function addressClaims(member: Member, index: number): readonly Claim[] {
  const own: readonly (readonly [Path, string])[] = [
    [['members', index, 'address'], member.address],
    ...member.addresses.map((one, at) => [['members', index, 'addresses', at], one] as const),
  ];
  // Binding the address one advertises is not a second claim; binding another member's is.
  const { listen } = member;
  const bound: readonly (readonly [Path, string])[] =
    listen === undefined || isUnspecified(listen) || own.some(([, one]) => one === listen)
      ? []
      : [[['members', index, 'listen'], listen]];
  return [...own, ...bound].map(([path, one]) => ({ key: one, path, spoken: shown(one) }));
}

function door(inventory: Inventory, member: Member, index: number): Claim {
  const host = member.ssh.host ?? member.address;
  const port = member.ssh.port ?? inventory.ssh.port;
  const path: Path =
    member.ssh.host === undefined ? ['members', index] : ['members', index, 'ssh', 'host'];
  const spoken = `ssh to ${host}${port === undefined ? '' : ` port ${port}`}`;
  return { key: `${canonicalName(host)} ${port ?? ''}`, path, spoken };
}

function twice(claims: readonly Claim[]): readonly Mistake[] {
  const first = new Map<string, Claim>();
  return claims.flatMap((claim) => {
    const earlier = first.get(claim.key);
    if (earlier === undefined) {
      first.set(claim.key, claim);
      return [];
    }
    const message = `${nameOf(claim.path)}: ${claim.spoken} is taken by ${nameOf(earlier.path)}`;
    return [{ path: claim.path, message, other: earlier.path }];
  });
}

function unreachable(path: Path, address: string): readonly Mistake[] {
  const why = whyUnreachable(address);
  return why === undefined ? [] : [{ path, message: `${nameOf(path)} ${shown(address)} ${why}` }];
}

function bindingMistakes({ address, listen }: Member, index: number): readonly Mistake[] {
  const path: Path = ['members', index, 'listen'];
  if (listen === undefined) {
    if (isIP(address) !== 0 || whyUnreachable(address) !== undefined) return [];
    const at: Path = ['members', index, 'address'];
    const message = `${nameOf(at)} ${shown(address)} is a name, and etcd binds IP addresses only; add listen, such as the host's own address or 0.0.0.0`;
    return [{ path: at, message }];
  }
  if (isUnspecified(listen)) return [];
  if (isIP(listen) === 0) {
    return [
      {
        path,
        message: `${nameOf(path)} ${shown(listen)} is not an IP address; etcd binds nothing else`,
      },
    ];
  }
  return unreachable(path, listen);
}

function oddness(count: number): readonly Mistake[] {
  if (count % 2 === 1) return [];
  const fewer = count - 1;
  return [
    {
      path: ['members'],
      atKey: true,
      message: `${count} members survive no more failures than ${fewer} and need one more vote for every write; use ${fewer} or ${count + 1}`,
    },
  ];
}
