import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { useLab } from '../lab/lab.ts';
import { failed, identity, ok, STAGE_PORT, to, unharmed } from '../lab/migration.ts';
import { startOperator } from '../lab/operator.ts';
import { protocolCluster } from '../lab/protocol-cluster.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { unitRun } from '../observer/seen.ts';
import { everything } from './extent.ts';

const lab = useLab({ count: 3 });

/** A line that a finished step leaves. */
const STEP = /^ {2}\S+: .+ \(\d+\.\d s\)$/gm;
/** Points of no return of one member, in their order. */
const MARKS = [
  /change its peer URL in the membership.* \(\d/,
  /write \S+etcd\.conf \(\d/,
  /restart etcd\.service \(\d/,
  /all: answer \(\d/,
];

async function cluster(t: ExecutionContext) {
  const { provision } = lab.current;
  const made = await protocolCluster(lab.current, { etcd: '3.5.30' });
  t.teardown(made.purge);
  ok(t, await provision(['up', made.inventory.http, '--yes']));
  return { ...made, before: await identity(made.endpoints('http')) };
}

/** Kills a run once it said so; whether it came to an end before that. */
async function killedAt(args: readonly string[], said: (text: string) => boolean) {
  const operator = await startOperator(args);
  operator.process.stdout?.on('data', () => {
    if (said(operator.said())) operator.kill('SIGKILL');
  });
  return (await operator.ended).exitCode === 0;
}

test.serial(
  'migrate --via live: killed after a step of each kind and run again it finishes; killed again, the opposite target takes it back',
  async (t) => {
    t.timeout(900_000);
    const { provision, hosts } = lab.current;
    const { inventory, endpoints, before } = await cluster(t);
    const { http, https } = inventory;
    const observer = observe(endpoints('http'));

    let isOver = false;
    for (let run = 0; run < 24 && !isOver; run += 1) {
      const mark = MARKS[run % MARKS.length] ?? / /;
      isOver = await killedAt(['migrate', https, ...to('https')], (text) => mark.test(text));
    }
    ok(t, await provision(['migrate', https, ...to('https')]));
    for (const endpoint of endpoints('https', STAGE_PORT)) t.is(await refusal(endpoint), undefined);

    for (const mark of MARKS.slice(0, 2)) {
      await killedAt(['migrate', http, ...to('http')], (text) => mark.test(text));
      await killedAt(['migrate', https, ...to('https')], (text) => mark.test(text));
    }
    ok(t, await provision(['migrate', http, ...to('http')]));
    unharmed(t, await observer.stop());
    ok(t, await provision(['migrate', http, ...to('http'), '--finish']));
    t.deepEqual(await identity(endpoints('http')), before);

    const runs = await Promise.all(hosts.map((host) => unitRun(host)));
    const second = await provision(['up', http, '--yes', '--json']);
    t.like(JSON.parse(second.stdout), { changed: false });
    t.deepEqual(await Promise.all(hosts.map((host) => unitRun(host))), runs);
  },
);

if (everything)
  test.serial(
    'migrate --advertise, and both parts of --finish: killed after a step of each kind, the same command finishes it',
    async (t) => {
      t.timeout(900_000);
      const { provision } = lab.current;
      const { inventory, endpoints, before } = await cluster(t);
      const { https } = inventory;
      const migrate = ['migrate', https, ...to('https'), '--no-snapshot', '--window', '3'];
      const killed = async (word: string) => {
        for (const mark of MARKS.slice(1))
          await killedAt([...migrate, word], (text) => mark.test(text));
      };
      ok(t, await provision(migrate));
      // It knows the port of the stage alone, so that --finish has two parts.
      const observer = observe(endpoints('https', STAGE_PORT));
      await killed('--advertise');
      ok(t, await provision([...migrate, '--advertise']));
      await killed('--finish');
      const half = await provision([...migrate, '--finish']);
      failed(t, half, 6, `seen at port ${STAGE_PORT} alone`);
      for (const endpoint of endpoints('http')) t.not(await refusal(endpoint), undefined);
      observer.use(endpoints('https'));
      await sleep(1000);
      await killed('--finish');
      ok(t, await provision([...migrate, '--finish']));
      unharmed(t, await observer.stop());
      for (const endpoint of endpoints('https', STAGE_PORT))
        t.not(await refusal(endpoint), undefined);
      t.deepEqual(await identity(endpoints('https')), before);
      const second = await provision(['up', https, '--yes', '--json']);
      t.like(JSON.parse(second.stdout), { changed: false });
    },
  );

if (everything)
  test.serial(
    'migrate --via live: killed after each single step it is finished by the same command and taken back by the opposite',
    async (t) => {
      t.timeout(3_600_000);
      const { provision } = lab.current;
      const { inventory, endpoints, before } = await cluster(t);
      const { http, https } = inventory;
      const observer = observe(endpoints('http'));
      for (let step = 1; ; step += 1) {
        const isOver = await killedAt(
          ['migrate', https, ...to('https'), '--no-snapshot'],
          (text) => (text.match(STEP)?.length ?? 0) >= step,
        );
        if (step % 2 === 0) ok(t, await provision(['migrate', https, ...to('https')]));
        ok(t, await provision(['migrate', http, ...to('http'), '--finish', '--no-snapshot']));
        t.deepEqual(await identity(endpoints('http')), before, `step ${step}`);
        if (isOver) break;
      }
      unharmed(t, await observer.stop());
    },
  );
