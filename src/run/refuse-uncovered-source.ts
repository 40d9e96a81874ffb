import { isIP } from 'node:net';
import type { DesiredCluster } from '../desired/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { canonicalName, canonicalNames } from '../pki/names.ts';
import { placed } from '../plan/lane.ts';
import { placeOf } from '../plan/membership/membership.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../problem/problem.ts';
import { INVENTORY, remedy } from '../problem/remedy.ts';
import { lines, sh } from '../shell/command.ts';

/**
 * A member that is moved to a second address of its host may go on dialling the others from the first one, which its new
 * certificate does not cover: they would reject it (etcd's listener_tls.go checks the address that a peer dials from). Asks
 * the hosts of such members from where they dial, and throws a Failure (refused) before anything is changed.
 */
export async function refuseUncoveredSource(
  desired: DesiredCluster,
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  if (desired.protocol === 'http') return;
  const moved = plan.waves
    .flatMap(({ lanes }) => placed(lanes))
    .flatMap(({ place, step }) => (step.kind === 'update-peer-urls' ? [place] : []));
  const found = await Promise.all(
    [...new Set(moved)].map((name) => uncoveredOf(desired, name, hosts)),
  );
  const problems = found.flat();
  if (problems.length === 0) return;
  const sentence = `${desired.name}: would be rejected by the others at another address, nothing was touched:`;
  throw new Failure(
    'refused',
    { kind: UNCOVERED, about: problems.flatMap(({ about }) => about), sentence, next: [] },
    { parts: problems },
  );
}

const UNCOVERED = 'uncovered-source';

async function uncoveredOf(
  { certificates, members }: DesiredCluster,
  name: string,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly Problem[]> {
  const host = hosts.get(name);
  const names = certificates.find(({ id }) => id === `${name}/peer`)?.names;
  if (host === undefined || names === undefined) return [];
  const others = members.filter((one) => one.name !== name);
  const sources = await sourcesOf(
    host,
    others.map(({ peerUrl }) => placeOf(peerUrl).host).filter((one) => isIP(one) > 0),
  );
  const covered = canonicalNames(names);
  for (const source of sources) {
    if (covered.includes(source)) continue;
    const rejecting = await whoDoNotKnow(source, names, others, hosts);
    const [first] = rejecting;
    if (first === undefined) continue;
    return [
      {
        kind: UNCOVERED,
        about: [name],
        sentence: `${name} dials ${rejecting.join(', ')} from ${source}, which a certificate for the addresses of the inventory does not cover`,
        next: [
          remedy`as long as its host has ${source}, name it in addresses of ${name} in ${INVENTORY}; or take it away from the host first`,
        ],
      },
    ];
  }
  return [];
}

/** The addresses from which a host dials these, as its routes say. */
async function sourcesOf(host: Host, addresses: readonly string[]): Promise<readonly string[]> {
  if (addresses.length === 0) return [];
  const { stdout } = await host.run(
    lines(addresses.map((one) => sh`ip -o route get ${one} 2>/dev/null || true`)),
  );
  const found = [...stdout.matchAll(/ src (\S+)/g)].map(([, source = '']) => canonicalName(source));
  return [...new Set(found)];
}

/** Members whose hosts resolve none of the names to the address: a certificate with such a name is accepted from there. */
async function whoDoNotKnow(
  source: string,
  names: readonly string[],
  others: DesiredCluster['members'],
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly string[]> {
  const asked = names.filter((one) => isIP(one) === 0 && one !== 'localhost');
  const known = await Promise.all(
    others.map(async ({ name }) => {
      const host = hosts.get(name);
      if (host === undefined) return [];
      const { stdout } = await host.run(
        lines(asked.map((one) => sh`getent ahosts ${one} || true`)),
      );
      const addresses = stdout.split('\n').map((line) => canonicalName(line.split(/\s/)[0] ?? ''));
      return addresses.includes(source) ? [] : [name];
    }),
  );
  return known.flat();
}
