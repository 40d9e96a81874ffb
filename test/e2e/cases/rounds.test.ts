import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { endAbandonedLabs } from '../../../src/lab/owner.ts';
import { everything } from './extent.ts';
import { playRound, type Verdict } from './round.ts';
import { type Draw, describeDraw, draw, MOMENTS } from './round-draw.ts';
import { endWorld, newWorld, type World } from './round-world.ts';

const ROUNDS = Number(process.env.PROVISION_ROUNDS ?? (everything ? 60 : 1));
/** Seed of the first round; each further one has the next. A red round is played again by its own. */
const SEED = Number(process.env.PROVISION_SEED ?? Math.floor(Date.now() / 86_400_000) * 1000);
/** Labs that play side by side. */
const LABS = Number(process.env.PROVISION_ROUND_LABS ?? 1);
/** Where each round leaves its line, and each red one what was said. */
const LOG = process.env.PROVISION_ROUND_LOG;

/** What once lost 189 writes: not ready, put back, opened, written to, the host comes back, the same command again. */
const KNOWN: Draw = {
  ...{ seed: 0, operation: 'migrate-snapshot', fault: 'start not ready' },
  ...{ step: 0, moment: MOMENTS.host.indexOf('after writes'), victim: 1 },
};
const DRAWS: readonly Draw[] = [
  ...(process.env.PROVISION_SEED === undefined ? [KNOWN] : []),
  ...Array.from({ length: ROUNDS }, (_, at) => draw(SEED + at)),
];

const worlds = new Set<World>();
test.after.always('no lab is left', async () => {
  await Promise.all([...worlds].map(endWorld));
});

test('rounds: an operation, a fault at any step, a return at any moment, the command again: nothing acknowledged is lost', async (t) => {
  t.timeout(Math.max(900_000, DRAWS.length * 300_000));
  await endAbandonedLabs();
  const red: string[] = [];
  let next = 0;
  const play = async () => {
    let world: World | undefined;
    for (let chosen = DRAWS[next++]; chosen !== undefined; chosen = DRAWS[next++]) {
      world ??= await enter(t.log);
      const began = performance.now();
      const verdict = await playRound(world, chosen).catch(
        (error: unknown): Verdict => ({
          faults: [`the round itself: ${error instanceof Error ? error.stack : error}`],
          ...{ acknowledged: 0, struck: false, said: '' },
        }),
      );
      const line = lineOf(chosen, verdict, (performance.now() - began) / 1000);
      t.log(line);
      await keep(chosen, verdict, line);
      if (verdict.faults.length === 0) continue;
      red.push(line);
      await leave(world);
      world = undefined;
    }
    if (world !== undefined) await leave(world);
  };
  await Promise.all(Array.from({ length: LABS }, play));
  t.deepEqual(red, [], `first seed: PROVISION_SEED=${SEED} PROVISION_ROUNDS=${ROUNDS}`);
});

async function enter(say: (line: string) => void): Promise<World> {
  const world = await newWorld(say);
  worlds.add(world);
  return world;
}

async function leave(world: World): Promise<void> {
  await endWorld(world);
  worlds.delete(world);
}

function lineOf(chosen: Draw, { faults, struck, acknowledged }: Verdict, seconds: number): string {
  const verdict = faults.length === 0 ? 'green' : `RED ${faults.join('; ')}`;
  return `${describeDraw(chosen)}${struck ? '' : ' (over before)'}: ${verdict} (${acknowledged} writes, ${seconds.toFixed(0)} s)`;
}

async function keep({ seed }: Draw, { faults, said }: Verdict, line: string): Promise<void> {
  if (LOG === undefined) return;
  await appendFile(LOG, `${line}\n`);
  if (faults.length === 0) return;
  await mkdir(`${LOG}.red`, { recursive: true });
  await writeFile(join(`${LOG}.red`, `${seed}.txt`), `${line}\n${said}\n`);
}
