import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoint, type KvClient, kvClient } from './kv-client.ts';

/** A write that etcd acknowledged, and the cluster that did. */
export interface Acknowledged {
  readonly key: string;
  readonly cluster: string;
}

export interface RoundWriter {
  readonly acknowledged: readonly Acknowledged[];
  /** Resolves to whether a write that begins now is acknowledged within the time. */
  servesWithin(milliseconds: number): Promise<boolean>;
  stop(): Promise<void>;
}

const EVERY = 40;
const ATTEMPT = 1500;
const REST = 400;

/** Writes one key after another, each to the next endpoint that is not resting after a failure, until it is stopped. */
export function roundWriter(endpoints: readonly Endpoint[], prefix: string): RoundWriter {
  const members = endpoints.map((endpoint) => ({ client: kvClient(endpoint), restUntil: 0 }));
  const acknowledged: Acknowledged[] = [];
  let begun = 0;
  let lastBegun = -1;
  let isStopping = false;

  const write = async (): Promise<void> => {
    for (let turn = 0; !isStopping; turn += 1) {
      const member = members[turn % members.length];
      if (member === undefined) return;
      if (member.restUntil > Date.now()) {
        if (members.every(({ restUntil }) => restUntil > Date.now())) await sleep(EVERY);
        continue;
      }
      const key = `${prefix}${String(begun).padStart(6, '0')}`;
      const number = begun;
      begun += 1;
      try {
        const cluster = await member.client.put(key, key, ATTEMPT);
        acknowledged.push({ key, cluster });
        lastBegun = number;
      } catch {
        // Not acknowledged: it may be there or not.
        member.restUntil = Date.now() + REST;
      }
      await sleep(EVERY);
    }
  };
  const writing = write();
  return {
    acknowledged,
    async servesWithin(milliseconds) {
      const from = begun;
      for (const until = Date.now() + milliseconds; Date.now() < until; await sleep(50)) {
        if (lastBegun >= from) return true;
      }
      return false;
    },
    async stop() {
      isStopping = true;
      await writing;
      for (const { client } of members) client.close();
    },
  };
}

/** The keys with this prefix, by a linearizable read. */
export async function keysWith(endpoint: Endpoint, prefix: string): Promise<ReadonlySet<string>> {
  const client: KvClient = kvClient(endpoint);
  try {
    const found = await client.range(prefix, `${prefix}~`, 100_000, 10_000);
    return new Set(found.map(({ key }) => key));
  } finally {
    client.close();
  }
}
