import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { readHistoryOf } from '../history/local.ts';
import type { Inventory } from '../inventory/schema.ts';
import { canonicalNames } from '../pki/names.ts';
import { inspectCertificate } from '../pki/verify/inspect.ts';

/** A machine that had a member once. */
export interface KnownMachine {
  /** The member, where it is known without asking, else the address. */
  readonly name: string;
  readonly address: string;
}

/** Where this machine remembers who the members were. */
export interface Memory {
  readonly inventory: Pick<Inventory, 'cluster' | 'protocol' | 'members' | 'consumers'>;
  /** The inventory file. */
  readonly file: string;
  /** Directory of the PKI store. */
  readonly store: string;
}

/**
 * Machines that had members by what is kept here, and are not in the inventory: those the store has certificates of, or
 * without certificates those of the runs with this inventory file, back to the last one that was done.
 */
export async function knownMachines({
  inventory,
  file,
  store,
}: Memory): Promise<readonly KnownMachine[]> {
  const { cluster, protocol, members, consumers } = inventory;
  const addresses = new Set([
    ...members.flatMap((one) => [one.address, ...one.addresses]),
    ...consumers.flatMap(({ hosts }) => hosts.map(({ address }) => address)),
  ]);
  const known =
    protocol === 'https'
      ? await certified(store, new Set(canonicalNames([...addresses])))
      : await lastWorkedOn({ cluster, inventory: resolve(file) });
  // A machine may have had members of several names, one after the other.
  const each = new Map(known.toReversed().map((one) => [one.address, one]));
  return known.filter((one) => !addresses.has(one.address) && each.get(one.address) === one);
}

/** Whom the store has certificates of listeners for, at the first address in them. */
async function certified(
  store: string,
  ours: ReadonlySet<string>,
): Promise<readonly KnownMachine[]> {
  const folders = await readdir(store).catch((): readonly string[] => []);
  const found = await Promise.all(
    folders.map(async (name): Promise<readonly KnownMachine[]> => {
      const names = await namesOfOthers(join(store, name, 'server.crt'), ours);
      const address = addressIn(names, name);
      return address === undefined ? [] : [{ name, address }];
    }),
  );
  return found.flat();
}

/**
 * The names in a certificate that has none of ours; none where there is no certificate, and where it cannot be read: the
 * look at the store says why.
 */
async function namesOfOthers(path: string, ours: ReadonlySet<string>): Promise<readonly string[]> {
  try {
    const pem = await readFile(path, 'utf8');
    // Every run asks this while its hosts shake hands, nearly always of members of its own.
    const certificate = new X509Certificate(pem);
    const isOurs = [...ours].some((name) =>
      isIP(name) > 0
        ? certificate.checkIP(name) !== undefined
        : certificate.checkHost(name, { subject: 'never', wildcards: false }) !== undefined,
    );
    if (isOurs) return [];
    const { names } = inspectCertificate(pem, path);
    return names.some((name) => ours.has(name)) ? [] : names;
  } catch {
    return [];
  }
}

function addressIn(names: readonly string[], member: string): string | undefined {
  const others = names.filter(
    (one) => one !== member && !['127.0.0.1', '::1', 'localhost'].includes(one),
  );
  return others.find((one) => isIP(one) > 0) ?? others.find((one) => !one.startsWith('*'));
}

async function lastWorkedOn(of: {
  readonly cluster: string;
  readonly inventory: string;
}): Promise<readonly KnownMachine[]> {
  const all = await readHistoryOf(of);
  // What was purged runs nowhere.
  const purged = all.findLastIndex(
    ({ command, option, result }) =>
      command === 'down' && option === '--purge' && result === 'done',
  );
  const runs = all.slice(purged + 1);
  const done = runs.findLastIndex(({ command, result }) => command === 'up' && result === 'done');
  const hosts = runs.slice(Math.max(0, done)).flatMap((run) => run.hosts ?? []);
  return [...new Set(hosts)].map((address) => ({ name: address, address }));
}
