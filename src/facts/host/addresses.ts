import { isIPv6 } from 'node:net';
import { lines, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

/** Which of these addresses the host does not have, so that nobody can listen there; empty where that is unknown. */
export const lackingFact = (addresses: readonly string[]): Fact<ReadonlySet<string>> => ({
  ask: lines([
    sh`command -v ip >/dev/null || exit 0`,
    ...[...new Set(addresses)].filter(isOne).map((address) => {
      const family = isIPv6(address) ? 6 : 4;
      const [bare = ''] = address.split('%');
      // An address may be local without being on an interface (127.0.0.2, AnyIP), or be bound before the host has it.
      return sh`[ -n "$(ip -${family} -o addr show to ${bare})" ] || [ "$(cat /proc/sys/net/ipv${family}/ip_nonlocal_bind)" = 1 ] || case $(ip -${family} route get ${bare}) in local*|multicast*|broadcast*) ;; *) echo ${address} ;; esac`;
    }),
  ]),
  read: ({ stdout }) => new Set(stdout.split('\n').filter((line) => line !== '')),
});

// Unspecified addresses stand for all of the host's.
function isOne(address: string): boolean {
  return !/^[0:.]+$/.test(address);
}
