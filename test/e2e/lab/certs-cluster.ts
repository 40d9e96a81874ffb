import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { LabHost } from '../../../src/lab/host.ts';
import type { Outcome } from '../../../src/lab/local-command.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import type { Endpoint } from '../observer/kv-client.ts';
import { unitRun } from '../observer/seen.ts';
import { type ClientPair, meet } from '../observer/tls-client.ts';
import type { TestLab } from './lab.ts';
import { type ProtocolWish, protocolCluster } from './protocol-cluster.ts';

/** Exit code of an operation that stopped in a stable state. */
export const PAUSED = 6;

/** A cluster whose certificates are looked at by clients of our own. */
export interface CertsCluster {
  readonly name: string;
  readonly store: string;
  readonly inventory: string;
  readonly hosts: readonly LabHost[];
  /** With the bundle that clients are to trust. */
  readonly endpoints: readonly Endpoint[];
  readonly admin: ClientPair;
  /** Runs a command of one or two words on it, unasked. */
  run(...words: readonly string[]): Promise<Outcome>;
  /** Rotates the CA to its end, although the observer's connections are older than the new leaves. */
  rotateCa(): Promise<Outcome>;
  /** What `certs rotate-ca --finish` needs for that. */
  readonly finish: readonly string[];
  /** Serials that client and peer port of each host show. */
  serials(): Promise<readonly string[]>;
  /** Serials the store has for them. */
  stored(): Promise<readonly string[]>;
  /** Whether client and peer port of each host answer this client. */
  answers(pair: ClientPair | undefined): Promise<readonly boolean[]>;
  /** How each unit ran so far: a restart makes another text. */
  runs(): Promise<readonly string[]>;
  /** A certificate made by `certs issue`. */
  issued(t: ExecutionContext, name: string, ...more: readonly string[]): Promise<ClientPair>;
}

/** Describes a cluster on hosts of the lab; it is purged when the test is over. */
export async function certsCluster(
  t: ExecutionContext,
  lab: TestLab,
  wish: ProtocolWish,
): Promise<CertsCluster> {
  const cluster = await protocolCluster(lab, wish);
  t.teardown(cluster.purge);
  const { store, name } = cluster;
  const hosts = lab.hosts.slice(0, wish.count);
  const inventory = cluster.inventory.https;
  const listeners = hosts.flatMap(({ address }) => [
    { address, port: 2379 },
    { address, port: 2380 },
  ]);
  // As the hosts see this machine.
  const here = hosts[0]?.address.replace(/\d+$/, '1') ?? '';
  const finish = ['--finish', '--accept', here, '--window', '1'];
  const run = (...words: readonly string[]) => {
    const at = words[0] === 'certs' ? 2 : 1;
    return lab.provision([...words.slice(0, at), inventory, ...words.slice(at), '--yes']);
  };
  return {
    ...{ name, store, inventory, hosts, finish, run },
    rotateCa: async () => {
      const half = await run('certs', 'rotate-ca', '--window', '1');
      return half.exitCode === PAUSED ? run('certs', 'rotate-ca', ...finish) : half;
    },
    admin: pairIn(store, 'admin'),
    endpoints: cluster
      .endpoints('https')
      .map((endpoint) => ({ ...endpoint, caFile: join(store, 'trust.pem') })),
    serials: () =>
      Promise.all(listeners.map(async ({ address, port }) => (await meet(address, port)).serial)),
    stored: async () => {
      const serials = await serialsIn(store);
      return hosts.flatMap((host) =>
        ['server', 'peer'].map((row) => serials.get(`${host.name}/${row}`) ?? 'none'),
      );
    },
    answers: (pair) =>
      Promise.all(
        listeners.map(async ({ address, port }) => (await meet(address, port, pair)).answers),
      ),
    runs: () => Promise.all(hosts.map((host) => unitRun(host))),
    issued: async (test, common, ...more) => {
      const directory = await scratch(test);
      const words = ['certs', 'issue', inventory, '--cn', common, '--out', directory, ...more];
      const ended = await lab.provision([...words, '--name', common]);
      if (ended.exitCode !== 0) throw new Error(ended.stderr);
      return pairIn(directory, common);
    },
  };
}

/** Serial numbers of all leaves of a store, by id. */
export async function serialsIn(store: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(store, { recursive: true });
  const leaves = files.filter((file) => file.endsWith('.crt') && !/(^|\/)ca\.crt$/.test(file));
  const found = await Promise.all(
    leaves.sort().map(async (file) => {
      const { serial } = inspectCertificate(await readFile(join(store, file), 'utf8'));
      return [file.replace(/\.crt$/, ''), serial.toLowerCase()] as const;
    }),
  );
  return new Map(found);
}

/** The pair of this name in a directory. */
export function pairIn(directory: string, name: string): ClientPair {
  return { certFile: join(directory, `${name}.crt`), keyFile: join(directory, `${name}.key`) };
}

/** A copy of a pair that outlives what happens to it. */
export async function keep(t: ExecutionContext, pair: ClientPair): Promise<ClientPair> {
  const kept = pairIn(await scratch(t), 'kept');
  await copyFile(pair.certFile, kept.certFile);
  await copyFile(pair.keyFile, kept.keyFile);
  return kept;
}

async function scratch(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'provision-certs-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** What client and peer ports of so many members say when all of them accept, or none does. */
export const all = (count: number) => Array.from({ length: 2 * count }, () => true);
export const none = (count: number) => Array.from({ length: 2 * count }, () => false);
/** Of a client where peers have a CA of their own. */
export const atClientPorts = (count: number) =>
  Array.from({ length: 2 * count }, (_, index) => index % 2 === 0);
