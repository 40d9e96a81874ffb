// Run by observer.ts in a process of its own: writes, reads and watches until told to stop.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoint, type KvClient, kvClient } from './kv-client.ts';
import type { Observation, Order, Trouble } from './observation.ts';
import { type Watcher, watcher } from './watcher.ts';

const EVERY = 20;
const READ_EVERY = 100;
const ATTEMPT = 2000;
// A member that failed is left alone for so long while others are there, as balancing clients do.
const REST = 1000;
const PATIENCE = 10_000;
const PREFIX = `observer/${process.pid}/`;

interface Member {
  readonly url: string;
  readonly client: KvClient;
  restUntil: number;
}

let members: readonly Member[] = [];
let stopping = false;
const acknowledged: number[] = [];
const failedWrites: string[] = [];
const failedAttempts: Trouble[] = [];
const failedReads: Trouble[] = [];
const staleReads: Trouble[] = [];
const takenBy: Record<string, number> = {};
let longestStall = { milliseconds: 0, at: 0 };

const key = (number: number): string => `${PREFIX}${String(number).padStart(9, '0')}`;
const value = (number: number): string => `value ${number}`;

function use(endpoints: readonly Endpoint[]): void {
  const old = members;
  members = endpoints.map((endpoint) => ({
    url: endpoint.url,
    client: kvClient(endpoint),
    restUntil: 0,
  }));
  for (const { client } of old) client.close();
}

async function write(): Promise<void> {
  let lastAck = 0;
  for (let number = 0, turn = 0; !stopping; number += 1) {
    const began = Date.now();
    let taken = false;
    for (let attempt = 0; !taken && Date.now() - began < PATIENCE; attempt += 1) {
      const member = next(turn);
      if (member === undefined) break;
      try {
        await member.client.put(key(number), value(number), ATTEMPT);
        taken = true;
        takenBy[member.url] = (takenBy[member.url] ?? 0) + 1;
      } catch (error) {
        failedAttempts.push(trouble(member, error));
        member.restUntil = Date.now() + REST;
        turn += 1;
        // After each has refused once, a moment's rest.
        if (attempt % members.length === members.length - 1) await sleep(50);
      }
    }
    if (taken) {
      const now = Date.now();
      acknowledged.push(number);
      if (lastAck > 0 && now - lastAck > longestStall.milliseconds)
        longestStall = { milliseconds: now - lastAck, at: lastAck };
      lastAck = now;
    } else failedWrites.push(key(number));
    // All members get their share of writes.
    turn += 1;
    await sleep(Math.max(0, EVERY - (Date.now() - began)));
  }
}

/** The next member in turn that is not resting; when all are, the next one. */
function next(turn: number): Member | undefined {
  const inTurn = members.map((_, at) => members[(turn + at) % members.length]);
  return (
    inTurn.find((member) => member !== undefined && member.restUntil < Date.now()) ?? inTurn[0]
  );
}

async function read(): Promise<void> {
  for (let turn = 0; !stopping; turn += 1) {
    await sleep(READ_EVERY);
    const member = members[turn % members.length];
    const last = acknowledged.at(-1);
    if (member === undefined || last === undefined) continue;
    try {
      const [seen] = await member.client.range(key(last), '', 1, ATTEMPT);
      if (seen?.value !== value(last)) staleReads.push(trouble(member, `no ${key(last)}`));
    } catch (error) {
      failedReads.push(trouble(member, error));
    }
  }
}

function trouble({ url }: Member, error: unknown): Trouble {
  return { at: Date.now(), url, why: error instanceof Error ? error.message : String(error) };
}

/** Acknowledged writes the watcher has not seen. */
function unseen(): readonly string[] {
  return acknowledged.filter((number) => !watch?.saw(key(number), value(number))).map(key);
}

async function lost(): Promise<readonly string[]> {
  const kept = new Map<string, string>();
  const end = `${PREFIX}~`;
  for (let from = PREFIX; ; ) {
    const page = await fromAnyMember(({ client }) => client.range(from, end, 5000, 10_000));
    for (const pair of page) kept.set(pair.key, pair.value);
    const last = page.at(-1);
    if (last === undefined || page.length < 5000) break;
    from = `${last.key}\0`;
  }
  return acknowledged.filter((number) => kept.get(key(number)) !== value(number)).map(key);
}

async function fromAnyMember<T>(ask: (member: Member) => Promise<T>): Promise<T> {
  const whys: string[] = [];
  for (const member of [...members, ...members, ...members]) {
    try {
      return await ask(member);
    } catch (error) {
      whys.push(`${member.url}: ${trouble(member, error).why}`);
      await sleep(500);
    }
  }
  throw new Error(`nothing can be verified: ${whys.join('; ')}`);
}

const delay = monitorEventLoopDelay({ resolution: 10 });
let work: Promise<unknown> | undefined;
let watch: Watcher | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  if (order.do === 'use') use(order.endpoints);
  else break;
  if (work === undefined) {
    delay.enable();
    watch = watcher(() => members, PREFIX);
    work = Promise.all([write(), read()]);
  }
}
stopping = true;
await work;
const watched = await watch?.stop(unseen, PATIENCE);
const observation: Observation = {
  acknowledged: acknowledged.length,
  lost: await lost(),
  failedWrites,
  failedAttempts,
  staleReads,
  failedReads,
  missedEvents: watched?.missed ?? [],
  disorderedEvents: watch?.disordered ?? [],
  watchBreaks: watch?.breaks ?? [],
  longestStall,
  ownDelay: Math.round(delay.max / 1e6),
  takenBy,
};
process.stdout.write(`${JSON.stringify(observation)}\n`, () => process.exit());
