import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import {
  bridgeAddresses,
  bridgeName,
  cableName,
  hostAddresses,
  LAB_NETWORK,
  LAB_NETWORK_6,
} from './address.ts';
import { must, run } from './local-command.ts';

/** Claims the first free of these subnets by making its bridge; returns it. Throws a Failure when none is free. */
export async function claimSubnet(candidates: readonly number[]): Promise<number> {
  await refuseToLeave();
  for (const subnet of candidates) if (await makeBridge(subnet)) return subnet;
  const bridges = candidates.map(bridgeName).join(', ') || 'all';
  throw new Failure('failed', `no subnet is free for this lab: ${bridges} exist already`, {
    next: [remedy`provision lab down --all, or ask their owners to end them`],
  });
}

/** Makes the bridge of a subnet that is ours already where it is missing, as after a restart of this machine. */
export async function keepSubnet(subnet: number): Promise<void> {
  await refuseToLeave();
  await makeBridge(subnet);
}

/** Removes the bridge; with the last one also the routes that kept lab packets on this machine. */
export async function releaseSubnet(subnet: number): Promise<void> {
  await run('ip', ['link', 'delete', bridgeName(subnet)]);
  if ((await claimedSubnets()).length > 0) return;
  await run('ip', ['route', 'delete', 'blackhole', LAB_NETWORK]);
  await run('ip', ['-6', 'route', 'delete', 'blackhole', LAB_NETWORK_6]);
}

/** Gives a host its network: a namespace of this name with a cable to the bridge and its addresses on eth0. */
export async function connectHost(netns: string, subnet: number, index: number): Promise<void> {
  const cable = cableName(subnet, index);
  const { address, address6, mac } = hostAddresses(subnet, index);
  await must(`make the network namespace ${netns}`, 'ip', ['netns', 'add', netns]);
  await must(`connect ${netns}`, 'ip', ['-batch', '-'], {
    input: `link add ${cable} type veth peer name eth0 address ${mac} netns ${netns}
link set ${cable} master ${bridgeName(subnet)} up
`,
  });
  await must(`give ${netns} its address`, 'ip', ['-netns', netns, '-batch', '-'], {
    input: `link set lo up
address add ${address}/24 dev eth0
address add ${address6}/64 dev eth0 nodad
link set eth0 up
`,
  });
}

/** Whether hosts hang at the bridge of a subnet. */
export async function hasCables(subnet: number): Promise<boolean> {
  const shown = await run('ip', ['-brief', 'link', 'show', 'master', bridgeName(subnet)]);
  return shown.stdout.trim() !== '';
}

/** Takes a host's network away; what is gone already is not an error. */
export async function disconnectHost(netns: string, subnet: number, index: number): Promise<void> {
  await run('ip', ['link', 'delete', cableName(subnet, index)]);
  await run('ip', ['netns', 'delete', netns]);
}

// A host that is down must not make us send its packets off this machine.
async function refuseToLeave(): Promise<void> {
  await must('keep lab packets here', 'ip', ['route', 'replace', 'blackhole', LAB_NETWORK]);
  await run('ip', ['-6', 'route', 'replace', 'blackhole', LAB_NETWORK_6]);
}

async function makeBridge(subnet: number): Promise<boolean> {
  const bridge = bridgeName(subnet);
  const { ipv4, ipv6 } = bridgeAddresses(subnet);
  const made = await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  if (made.exitCode !== 0) {
    if ((await claimedSubnets()).includes(subnet)) return false;
    throw new Failure('failed', `could not make the bridge ${bridge}: ${made.stderr.trim()}`, {
      next: [remedy`see which links are there: ip link`],
    });
  }
  await must(`set up ${bridge}`, 'ip', ['-batch', '-'], {
    input: `link set ${bridge} type bridge forward_delay 0 stp_state 0
address add ${ipv4} dev ${bridge}
address add ${ipv6} dev ${bridge} nodad
link set ${bridge} up
`,
  });
  return true;
}

/** The subnets whose bridges exist. */
export async function claimedSubnets(): Promise<readonly number[]> {
  const listed = await must('list bridges', 'ip', ['-json', 'link', 'show', 'type', 'bridge']);
  const links: readonly { readonly ifname?: string }[] = JSON.parse(listed || '[]');
  return links.flatMap(({ ifname = '' }) => {
    const subnet = Number(/^pvlab(\d+)$/.exec(ifname)?.[1]);
    return Number.isNaN(subnet) ? [] : [subnet];
  });
}
