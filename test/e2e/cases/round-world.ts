import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labDown } from '../../../src/lab/down.ts';
import { cutPower, dropNothing, plugIn, restorePower } from '../../../src/lab/faults.ts';
import { inside, type LabHost, machineOf } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { startLab, type TestLab } from '../lab/lab.ts';
import { type ProtocolCluster, protocolCluster } from '../lab/protocol-cluster.ts';
import type { Endpoint } from '../observer/kv-client.ts';
import { refusal } from '../observer/probe.ts';

/** A lab with a cluster that goes through one round after another. */
export interface World {
  readonly lab: TestLab;
  readonly cluster: ProtocolCluster;
  /** What the cluster speaks now. */
  protocol: 'http' | 'https';
  /** A setting that rounds change. */
  heartbeat: number;
}

const VERSION = process.env.PROVISION_ROUND_ETCD ?? '3.5.30';

/** A lab of three hosts with a cluster over http. Throws when it cannot be brought up. */
export async function newWorld(say: (line: string) => void): Promise<World> {
  const lab = await startLab({ count: 3, etcd: VERSION }, say);
  const cluster = await protocolCluster(lab, { etcd: VERSION });
  const world: World = { lab, cluster, protocol: 'http', heartbeat: 100 };
  const { exitCode, stdout, stderr } = await lab.provision([
    'up',
    world.cluster.inventory.http,
    '--yes',
  ]);
  if (exitCode !== 0) throw new Error(`${stdout}${stderr}`);
  return world;
}

/** Ends the lab with everything in it. */
export async function endWorld({ lab }: World): Promise<void> {
  await labDown(lab.name);
}

/** The inventory of the protocol, with the setting as it is now. */
export async function inventoryOf(world: World, protocol = world.protocol): Promise<string> {
  const path = world.cluster.inventory[protocol];
  const text = await import('node:fs/promises').then(({ readFile }) => readFile(path, 'utf8'));
  const settings = `  settings: { heartbeat-interval: ${world.heartbeat} }\n`;
  const bare = text.replace(/^ {2}settings: .*\n/m, '');
  const own = dirname(path);
  const file = join(own, `round-${protocol}.yaml`);
  await writeFile(
    file,
    bare.replace(/^ {2}version: .*\n/m, (line) => `${line}${settings}`),
  );
  return file;
}

/** Where clients reach it whatever it speaks. */
export function everyEndpoint({ cluster }: World): readonly Endpoint[] {
  return [...cluster.endpoints('http'), ...cluster.endpoints('https')];
}

/** Brings back power and cable of every host. */
export async function healHosts({ lab }: World): Promise<void> {
  for (const host of lab.hosts) {
    if (!(await isOn(host))) await restorePower(host);
    await plugIn(host);
    await dropNothing(host);
  }
}

/** Power off and on again, for all of them at once. */
export async function reboot(hosts: readonly LabHost[]): Promise<void> {
  await Promise.all(hosts.map((host) => cutPower(host)));
  for (const host of hosts) await restorePower(host);
}

/** Which protocol every member answers, if one. */
export async function spoken({ cluster }: World): Promise<'http' | 'https' | undefined> {
  for (let looks = 0; looks < 40; looks += 1) {
    for (const protocol of ['http', 'https'] as const) {
      const refusals = await Promise.all(cluster.endpoints(protocol).map(refusal));
      if (refusals.every((why) => why === undefined)) return protocol;
    }
    await sleep(500);
  }
  return undefined;
}

/** What is left of restores on the hosts. */
export async function leftovers({ lab }: World): Promise<readonly string[]> {
  const found = await Promise.all(
    lab.hosts.map((host) =>
      inside(host, sh`ls -d /var/lib/etcd.restoring /var/lib/provision/restore-*.json 2>/dev/null`),
    ),
  );
  return found.flatMap(({ stdout }, at) =>
    stdout.trim() === '' ? [] : [`${lab.hosts[at]?.name}: ${stdout.trim().replaceAll('\n', ' ')}`],
  );
}

/** Removes what rounds pile up. */
export async function tidy(world: World): Promise<void> {
  const { lab, cluster } = world;
  await Promise.all(lab.hosts.map((host) => inside(host, sh`rm -rf /var/lib/etcd.aside-*`)));
  await rm(join(dirname(cluster.inventory.http), `${cluster.name}.snapshots`), {
    recursive: true,
    force: true,
  });
}

async function isOn(host: LabHost): Promise<boolean> {
  return machineOf(host).then(
    () => true,
    () => false,
  );
}
