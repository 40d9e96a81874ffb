import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  cutPower,
  dropNothing,
  dropPeer,
  dropPort,
  freeze,
  restorePower,
  thaw,
} from '../../../src/lab/faults.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { failed, identity, ok, STAGE_PORT, to, whole } from '../lab/migration.ts';
import { type Ended, startOperator } from '../lab/operator.ts';
import { type ProtocolCluster, protocolCluster } from '../lab/protocol-cluster.ts';
import { restore, usePeerCertificate } from '../lab/sabotage.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { afterPlan } from './after-plan.ts';
import { everything, extent } from './extent.ts';

const lab = useLab({ count: 3 });

/** One cluster for the whole file; each test leaves it whole and over http. */
let cluster: ProtocolCluster;
let before: readonly unknown[];
test.serial('a cluster over http', async (t) => {
  cluster = await protocolCluster(lab.current, { etcd: '3.5.30' });
  ok(t, await lab.current.provision(['up', cluster.inventory.http, '--yes']));
  before = await identity(cluster.endpoints('http'));
});

/** While clients go on, something happens to the second host; a rerun finishes, and the way back is open. */
async function survives(
  t: ExecutionContext,
  disturb: (second: LabHost, migrate: readonly string[]) => Promise<void>,
): Promise<void> {
  t.timeout(600_000);
  const { provision, hosts } = lab.current;
  const { http, https } = cluster.inventory;
  const [, second] = hosts;
  if (second === undefined) throw new Error('a lab of three has a second host');
  t.teardown(() => dropNothing(second));
  // Whatever the test before has left.
  ok(t, await provision(['migrate', http, ...to('http'), '--finish', '--no-snapshot']));
  const observer = observe(cluster.endpoints('http'));
  await disturb(second, ['migrate', https, ...to('https'), '--timeout', '15']);
  ok(t, await provision(['migrate', https, ...to('https')]));
  for (const endpoint of cluster.endpoints('https', STAGE_PORT))
    t.is(await refusal(endpoint), undefined);
  whole(t, await observer.stop());
  ok(t, await provision(['migrate', http, ...to('http'), '--finish']));
  t.deepEqual(await identity(cluster.endpoints('http')), before);
}

/** Starts the run, and does something to the host at the moment it says so; how the run ended. */
async function during(
  migrate: readonly string[],
  moment: RegExp,
  happen: () => Promise<void>,
): Promise<Ended> {
  const operator = await startOperator(migrate);
  await operator.says(moment);
  await happen();
  return operator.ended;
}

test.serial('migrate --via live: a peer port that is blocked beforehand is refused', (t) =>
  survives(t, async (second, migrate) => {
    await dropPort(second, 2380);
    await cutOff(second);
    failed(t, await lab.current.provision(migrate), 3, second.name);
    await dropNothing(second);
    await answers(second);
  }),
);

test.serial(
  'migrate --via live: two members that do not reach each other are named before any is stopped',
  (t) =>
    survives(t, async (_, migrate) => {
      // A member cut off from the leader does not answer; two followers go on through it.
      const [one, other] = await followers();
      if (one === undefined || other === undefined) throw new Error('a lab of three has followers');
      t.teardown(() => dropNothing(one));
      await dropPeer(one, other);
      const observer = observe(cluster.endpoints('http'));
      failed(t, await lab.current.provision(migrate), 3, 'does not reach', one.name, other.name);
      t.deepEqual((await observer.stop()).failedWrites, []);
      await dropNothing(one);
    }),
);

/** The hosts whose members follow, by what each says of itself. */
async function followers(): Promise<readonly LabHost[]> {
  const asked = await Promise.all(
    lab.current.hosts.map(async (host) => {
      const { stdout } = await inside(
        host,
        sh`ETCDCTL_API=3 /opt/etcd/etcd/etcdctl --endpoints=http://127.0.0.1:2379 endpoint status -w json`,
      );
      const id = /"member_id":(\d+)/.exec(stdout)?.[1];
      return { host, leads: /"leader":(\d+)/.exec(stdout)?.[1] === id };
    }),
  );
  return asked.flatMap(({ host, leads }) => (leads ? [] : [host]));
}

const PHASES = extent(
  [
    ['while it moves', /second.*change its peer URL.*\(\d/],
    ['while it becomes able', /make second able[\s\S]*second: write \S+ \(\d/],
    ['after all are able', /move \S+ to https[\s\S]*all: answer \(\d/],
  ] as const,
  1,
);

/** The moment with the host's name in it. */
function moment({ name }: LabHost, { source }: RegExp): RegExp {
  return new RegExp(source.replaceAll('second', name));
}

for (const [when, at] of PHASES) {
  test.serial(`migrate --via live: a peer port is blocked ${when}`, (t) =>
    survives(t, async (second, migrate) => {
      const ended = await during(migrate, moment(second, at), () => dropPort(second, 2380));
      failed(t, ended, undefined, second.name);
      await dropNothing(second);
      await answers(second);
    }),
  );

  test.serial(`migrate --via live: a member loses its power ${when} and comes back`, (t) =>
    survives(t, async (second, migrate) => {
      const ended = await during(migrate, moment(second, at), () => cutPower(second));
      t.not(ended.exitCode, 0);
      t.true(ended.stderr.includes(second.name), ended.stderr);
      await restorePower(second);
      await answers(second);
    }),
  );

  if (everything)
    test.serial(`migrate --via live: a member stands still for 30 s ${when}`, (t) =>
      survives(t, async (second, migrate) => {
        await during(migrate, moment(second, at), async () => {
          await freeze(second);
          await sleep(30_000);
          await thaw(second);
        });
        await answers(second);
      }),
    );
}

test.serial(
  'migrate --via live: a peer certificate of a stranger on the second member is noticed at the first move, and that is put back',
  (t) =>
    survives(t, async (second, migrate) => {
      const stranger = join(lab.current.paths.directory, 'stranger.pki');
      t.teardown(() => rm(stranger, { recursive: true, force: true }));
      const key = { algo: 'ecdsa', size: 256 } as const;
      const subject = [{ type: 'CN', value: 'stranger' }] as const;
      await createCa(stranger, { subject, key, hours: 24 }, new Date());
      const names = { names: [second.address], hours: 24 };
      const observer = observe(cluster.endpoints('http'));
      const ended = await afterPlan(lab.current, 'before-migrate', migrate, () =>
        usePeerCertificate(second, { lab: lab.current }, stranger, names, new Date()),
      );
      failed(t, ended, 1, 'does not reach', 'put back as before');
      t.deepEqual((await observer.stop()).failedWrites, []);
      await restore(second);
    }),
);

/** Waits until the host's etcd serves clients. */
async function answers(host: LabHost): Promise<void> {
  await until(host, (why) => why === undefined);
}

/** Waits until it does not. */
async function cutOff(host: LabHost): Promise<void> {
  await until(host, (why) => why !== undefined);
}

async function until(host: LabHost, wanted: (why: string | undefined) => boolean): Promise<void> {
  const [endpoint] = cluster.endpoints('http').filter(({ url }) => url.includes(host.address));
  if (endpoint === undefined) throw new Error(`${host.name} is no member`);
  for (let looks = 0; looks < 300; looks += 1) {
    if (wanted(await refusal(endpoint))) return;
    await sleep(200);
  }
  throw new Error(`${host.name} did not change`);
}
