import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../../src/failure/failure.ts';
import type { Host } from '../../../src/host/host.ts';
import { UnknownOutcome } from '../../../src/host/unknown-outcome.ts';
import { cutPower, freeze, plugIn, restorePower, thaw, unplug } from '../../../src/lab/faults.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { connected, refused } from '../../ssh/connected.ts';
import { useLab } from '../lab/lab.ts';

const lab = useLab({ count: 1 });

function machine(): LabHost {
  const [host] = lab.current.hosts;
  if (host === undefined) throw new Error('a lab of one has a host');
  return host;
}

const target = () => ({
  name: machine().name,
  address: machine().address,
  ssh: {
    user: 'ops',
    identityFile: lab.current.paths.identity,
    knownHosts: lab.current.paths.knownHosts,
  },
});

/** Seconds until a command under way is known to be lost, once the fault is there. */
async function secondsUntilLost(
  t: ExecutionContext,
  host: Host,
  fault: (machine: LabHost) => Promise<void>,
): Promise<number> {
  await host.run(sh`rm -f /run/provision-test`);
  const running = host.run(sh`touch /run/provision-test; exec sleep 97`, { deadline: 90 });
  const lost = t.throwsAsync(running, { instanceOf: UnknownOutcome });
  for (let tries = 0; tries < 100; tries++) {
    if ((await inside(machine(), sh`test -e /run/provision-test`)).exitCode === 0) break;
  }
  await fault(machine());
  const from = performance.now();
  t.true((await lost)?.message.endsWith('whether the command took effect is unknown'));
  return (performance.now() - from) / 1000;
}

for (const [what, fault, end] of [
  ['whose cable was pulled', unplug, plugIn],
  ['that froze', freeze, thaw],
  ['that lost its power', cutPower, restorePower],
] as const) {
  test.serial(`run() gives up on a host ${what} within 30 s, and finds it again`, async (t) => {
    t.timeout(200_000);
    const host = await connected(t, target());
    const seconds = await secondsUntilLost(t, host, fault);
    t.true(seconds < 30, `${seconds} s`);
    t.like(await t.throwsAsync(host.run(sh`true`), { instanceOf: Failure }), {
      reason: 'unreachable',
    });
    t.is((await refused(t, target())).reason, 'unreachable');

    await end(machine());
    t.is((await host.run(sh`id -u`)).stdout, '0\n');
  });
}

test.serial(
  'run() leaves nothing running that it gave up, though the cable was pulled',
  async (t) => {
    t.timeout(200_000);
    const host = await connected(t, target());
    const running = host.run(sh`sleep 1234`, { deadline: 5 });
    const lost = t.throwsAsync(running, { instanceOf: UnknownOutcome });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await unplug(machine());
    await lost;
    const isThere = async () => (await inside(machine(), sh`pgrep -f ${'^sleep 1234'}`)).exitCode;
    for (let tries = 0; tries < 100 && (await isThere()) === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    t.is(await isThere(), 1);
    await plugIn(machine());
  },
);
