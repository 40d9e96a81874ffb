import type { Found } from '../adopt/decide/adoption.ts';
import { partedUrls } from '../adopt/decide/urls.ts';
import { type FoundHost, findEtcds } from '../adopt/look/find-etcds.ts';
import { Failure } from '../failure/failure.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import type { Ssh } from '../inventory/ssh-schema.ts';
import { loggedHost } from '../log/logged-host.ts';
import { startLog } from '../log/run-log.ts';
import { type Connect, connector } from './connections.ts';

/** A machine as its operator names it, or as another one's member list does. */
export interface NamedMachine {
  /** Where it is dialled. */
  readonly address: string;
  readonly ssh: { readonly user?: string; readonly port?: number };
}

/** What was found on hosts that no inventory names. */
export interface Abroad {
  readonly found: readonly Found[];
  /** Each host that was asked, by how it was dialled. */
  readonly hosts: ReadonlyMap<string, FoundHost>;
  /** Addresses of the member lists where nobody could be asked, with why. */
  readonly unreachable: ReadonlyMap<string, Failure>;
}

/** How the machines are connected to. */
export interface Reach {
  readonly ssh: Ssh;
  readonly concurrency: number;
}

/**
 * Looks for etcd on hosts, and on those that their member lists name, until all are seen, then does the work while they are
 * connected; what the work itself runs on them is not logged. Throws a Failure where one that the operator names cannot be asked.
 */
export async function withAbroad<T>(
  named: readonly NamedMachine[],
  { ssh, concurrency }: Reach,
  work: (abroad: Abroad, connected: ReadonlyMap<string, Host>) => Promise<T>,
): Promise<T> {
  startLog(process.argv.slice(2), 'adopt');
  const connect: Connect = await connector({ ssh }, process.cwd(), { concurrency });
  const connected = new Map<string, Host>();
  const hosts = new Map<string, FoundHost>();
  const unreachable = new Map<string, Failure>();
  try {
    let wave = named;
    while (wave.length > 0) {
      const answers = await connect(wave.map((one) => ({ ...one, name: one.address })));
      for (const [at, one] of answers.entries()) {
        const { address = '' } = wave[at] ?? {};
        if (one instanceof Failure) unreachable.set(address, one);
        else connected.set(address, one);
      }
      await Promise.all(
        wave.map(async ({ address }) => {
          const host = connected.get(address);
          if (host === undefined) return;
          const seen = await findEtcds(loggedHost(host)).catch((error: unknown) => {
            if (error instanceof Failure) return error;
            throw error;
          });
          if (seen instanceof Failure) unreachable.set(address, seen);
          else hosts.set(address, seen);
        }),
      );
      throwTogether(named.flatMap(({ address }) => unreachable.get(address) ?? []));
      wave = unseen(hosts, unreachable, named);
    }
    return await work({ found: foundOn(hosts), hosts, unreachable }, connected);
  } finally {
    await Promise.all([...connected.values()].map((host) => host.close()));
  }
}

/** Addresses of member lists that are none of a host that was seen; they are dialled as the first one that was named. */
function unseen(
  hosts: ReadonlyMap<string, FoundHost>,
  unreachable: ReadonlyMap<string, Failure>,
  named: readonly NamedMachine[],
): readonly NamedMachine[] {
  const known = new Set([
    ...[...hosts].flatMap(([address, { host }]) => [address, ...host.addresses]),
    ...unreachable.keys(),
  ]);
  const listed = [...hosts.values()].flatMap(({ etcds }) =>
    etcds.flatMap(({ told }) =>
      (told.members?.members ?? []).map(({ peerUrls }) => partedUrls(peerUrls.join(','))[0]?.host),
    ),
  );
  const [{ ssh } = { ssh: {} }] = named;
  return [...new Set(listed)].flatMap((address) =>
    address === undefined || known.has(address) ? [] : [{ address, ssh }],
  );
}

/** Every etcd of every host; a host that was named twice counts once. */
function foundOn(hosts: ReadonlyMap<string, FoundHost>): readonly Found[] {
  const seen = new Set<string>();
  return [...hosts].flatMap(([host, { host: machine, etcds }]) => {
    const mark = machine.addresses.toSorted().join();
    if (seen.has(mark)) return [];
    seen.add(mark);
    return etcds.map((etcd) => ({ host, machine, beside: etcds.length, etcd }));
  });
}
