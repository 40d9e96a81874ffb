import { randomUUID } from 'node:crypto';
import { ownEtcd } from '../desired/access.ts';
import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { readGatewayValue } from '../etcd/answers.ts';
import { complaint } from '../etcd/complaint.ts';
import { isDenied } from '../etcd/denied.ts';
import { putRequest, readRequest } from '../etcd/gateway.ts';
import { isOutOfSpace } from '../etcd/out-of-space.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import { askThrough } from '../facts/etcd/ask-gateway.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';

/** The only key that a run ever writes; on hosts that keep house by a timer there is a lock below `provision/maintain` too. */
const HEALTH_KEY = 'provision/health';

/** Nobody takes writes: a database is full, or the alarm of that stands still. */
export const NO_SPACE = 'no-space-alarm';

/** A member with the connection to its host. */
interface Endpoint {
  readonly member: DesiredMember;
  readonly host: Host;
}

/**
 * Writes a fresh value through the first member, then reads it back through every endpoint (linearizable).
 * With etcd's authentication switched on, being denied by a member is an answer too, as for `etcdctl endpoint health`.
 * Throws a Failure that names the endpoint which gave something else.
 */
export async function proveWrites(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  store: string,
): Promise<void> {
  const endpoints = desired.members.flatMap((member) => {
    const host = hosts.get(member.name);
    return host === undefined ? [] : [{ member, host }];
  });
  const [first] = endpoints;
  if (first === undefined) return;

  const value = randomUUID();
  if ((await write(first, value, desired, store)) === 'denied') return;
  await Promise.all(
    endpoints.map(async (endpoint) => {
      const { name, clientUrl } = endpoint.member;
      const found = await read(endpoint, desired, store);
      if (found === value) return;
      throw new Failure(
        'failed',
        `${name}: reads "${found.slice(0, 80)}" through ${clientUrl}, written was "${value}"`,
        { next: [remedy`see what differs: ${provision('doctor', INVENTORY)}`] },
      );
    }),
  );
}

// Its gateway first, which needs no program on its host; etcdctl, which tells why, where that does not answer. Written
// twice, the value is the same.
async function write(
  { member, host }: Endpoint,
  value: string,
  desired: DesiredCluster,
  store: string,
): Promise<'written' | 'denied'> {
  const request = putRequest(desired.version, HEALTH_KEY, value);
  const done = await askThrough(host, desired, member, store, [request], () => 'written' as const);
  if (done !== undefined) return done;
  const put = await host.run(ownEtcdctl(ownEtcd(desired), ['put', HEALTH_KEY, value]));
  if (isDenied(put.stderr)) return 'denied';
  if (put.exitCode === 0) return 'written';
  throw notAccepted(member.name, put.stderr);
}

/** Why a write was not accepted, with the way out where etcd itself says which it is. */
export function notAccepted(name: string, said: string): Failure {
  const isFull = isOutOfSpace(said);
  return new Failure('failed', {
    kind: isFull ? NO_SPACE : 'failed',
    about: [],
    sentence: `${name}: did not accept a write: ${complaint(said)}`,
    next: isFull
      ? [remedy`compact, defragment and disarm: ${provision('maintain', 'space', INVENTORY)}`]
      : [remedy`see why: ${provision('doctor', INVENTORY)}`],
  });
}

async function read(
  { member, host }: Endpoint,
  desired: DesiredCluster,
  store: string,
): Promise<string> {
  const request = readRequest(desired.version, HEALTH_KEY);
  const found = await askThrough(host, desired, member, store, [request], ([answer = '']) =>
    readGatewayValue(answer),
  );
  if (found !== undefined) return found;
  const get = ownEtcdctl(ownEtcd(desired), ['get', HEALTH_KEY, '--print-value-only']);
  const what = `read ${HEALTH_KEY} through ${member.clientUrl}`;
  return (await must(host, what, get)).stdout.trim();
}
