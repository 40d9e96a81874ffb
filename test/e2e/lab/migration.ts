import type { ExecutionContext } from 'ava';
import type { Outcome } from '../../../src/lab/local-command.ts';
import { type Endpoint, kvClient } from '../observer/kv-client.ts';
import type { Observation } from '../observer/observation.ts';
import type { TestLab } from './lab.ts';
import type { ProtocolCluster } from './protocol-cluster.ts';

/** Words that accept what ends with TLS, for a switch to http. */
export function to(protocol: 'http' | 'https'): readonly string[] {
  return protocol === 'http'
    ? ['--to', 'http', '--accept-plaintext', '--yes']
    : ['--to', 'https', '--yes'];
}

/** The command did what it was asked. */
export function ok(t: ExecutionContext, { exitCode, stdout, stderr }: Outcome): void {
  t.is(exitCode, 0, `${stdout.slice(-2000)}\n${stderr}`);
}

/** It failed with this exit code, or with any where none is told, in sentences that have all these words, and without a stack trace. */
export function failed(
  t: ExecutionContext,
  {
    exitCode,
    stdout,
    stderr,
  }: Pick<Outcome, 'stdout' | 'stderr'> & {
    readonly exitCode: number | null;
  },
  code: number | undefined,
  ...words: readonly string[]
): void {
  const said = `${stdout.slice(-2000)}\n${stderr}`;
  if (code === undefined) t.not(exitCode, 0, said);
  else t.is(exitCode, code, said);
  for (const word of words) t.true(stderr.includes(word), `no ${word} in:\n${stderr}`);
  t.true(stderr.includes('next: '), stderr);
  t.notRegex(stderr, /\n\s+at /);
}

/** Every write was taken, more than so many, none lost; nobody read anything stale; the watcher saw one whole history. */
export function unharmed(t: ExecutionContext, seen: Observation, moreThan = 20): void {
  whole(t, seen);
  t.true(seen.acknowledged > moreThan);
  t.deepEqual(seen.failedWrites, []);
}

/** What was acknowledged is there, and was seen in one whole history; the cluster may have stood still. */
export function whole(t: ExecutionContext, seen: Observation): void {
  const { acknowledged, lost, staleReads, missedEvents, disorderedEvents } = seen;
  const { longestStall, ownDelay, watchBreaks } = seen;
  t.log(
    `${acknowledged} writes, longest stall ${longestStall.milliseconds} ms (own delay ${ownDelay} ms), ${watchBreaks.length} watches resumed`,
  );
  t.true(acknowledged > 20);
  t.deepEqual(
    { lost, staleReads, missedEvents, disorderedEvents },
    { lost: [], staleReads: [], missedEvents: [], disorderedEvents: [] },
  );
}

/** Cluster id and member ids, as each member says them with an answer to a client. */
export async function identity(endpoints: readonly Endpoint[]): Promise<readonly unknown[]> {
  return Promise.all(
    endpoints.map(async (endpoint) => {
      const client = kvClient(endpoint);
      try {
        return await client.identity(5000);
      } finally {
        client.close();
      }
    }),
  );
}

/** Where the new protocol is served while both are. */
export const STAGE_PORT = 2378;

/** Clients of both protocols, for an observer that lives through a switch. */
export function bothWays(cluster: ProtocolCluster): readonly Endpoint[] {
  return [
    ...cluster.endpoints('http'),
    ...cluster.endpoints('https'),
    ...cluster.endpoints('https', STAGE_PORT),
  ];
}

/** The address from which this machine reaches the hosts of a lab. */
export function ownAddress({ hosts }: Pick<TestLab, 'hosts'>): string {
  return hosts[0]?.address.replace(/\.\d+$/, '.1') ?? 'none';
}

/** Words that end the old protocol although clients on this machine use it. */
export function finishAnyway(lab: Pick<TestLab, 'hosts'>): readonly string[] {
  return ['--finish', '--window', '2', '--clients-may-be-cut', ownAddress(lab)];
}
