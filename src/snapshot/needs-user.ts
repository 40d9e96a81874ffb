import { ownEtcd } from '../desired/access.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { isDenied, type Lack, lackOf } from '../etcd/denied.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import { rowOrLast } from '../etcd/versions.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, type Offered, provision, remedy } from '../problem/remedy.ts';

/** The common name of the certificate by which a member's own host asks its etcd. */
const USER = 'healthcheck-client';

export interface Denial {
  readonly cluster: string;
  /** Of etcd. */
  readonly version: string;
  /** What could not be done. */
  readonly what: string;
  readonly lack: Lack;
  /** What else leads on. */
  readonly instead?: readonly Offered[];
}

/** That etcd's authentication forbids what was asked. */
export class AuthenticationDenied extends Failure {
  override readonly name = 'AuthenticationDenied';
}

/** Says which user and role are missing, with the commands that make them. */
export function needsUser({ cluster, version, what, lack, instead = [] }: Denial): Failure {
  return new AuthenticationDenied('refused', `${cluster}: ${sentenceOf(lack)}, so ${what}`, {
    next: [
      ...(lack === 'name' ? [] : [withUser(lack, version, remedy`run the same command again`)]),
      ...instead,
    ],
  });
}

function sentenceOf(lack: Lack): string {
  switch (lack) {
    case 'name':
      return "etcd's authentication is on, and over http it knows users by password only";
    case 'user':
      return `etcd's authentication is on, and ${USER}, which the members' own certificate names, is not one of its users`;
    case 'role':
      return `etcd's authentication is on, and the user ${USER}, which the members' own certificate names, does not have the role root`;
    default:
      return lack satisfies never;
  }
}

/** Makes the user, as far as it is missing; then what leads on with it. */
export function withUser(lack: Lack, version: string, then: Offered): Offered {
  const grant = asRoot('user', 'grant-role', USER, 'root');
  const add = rowOrLast(version).hasUsersWithoutPassword
    ? asRoot('user', 'add', USER, '--no-password')
    : asRoot('user', 'add', `${USER}:A-LONG-RANDOM-PASSWORD`);
  const parts = lack === 'role' ? [grant] : [add, '; ', grant];
  return { parts: [...parts, '; then ', ...then.parts], requires: [] };
}

/** Without a user no snapshot can be taken over the network; a person who knows its password can, on the member itself. */
export function noSnapshot(
  { name }: Pick<DesiredCluster, 'name'>,
  host: Pick<Host, 'name'>,
  version: string,
  lack: Lack,
): Failure {
  const file = `/var/tmp/${name}.db`;
  const words = ['--', '--user', 'root', 'snapshot', 'save', file];
  const there = provision('etcdctl', INVENTORY, '--member', host.name, ...words);
  const what = 'no snapshot can be taken without a password';
  return needsUser({
    ...{ cluster: name, version, what, lack },
    instead: [remedy`with the password of root, onto the disk of ${host.name}: ${there}`],
  });
}

/** etcd changes its list of members for users with the role root only. */
export function noMembershipChange(
  { name, version }: Pick<DesiredCluster, 'name' | 'version'>,
  lack: Lack,
) {
  const what = 'the list of members cannot be changed';
  return needsUser({ cluster: name, version, what, lack });
}

/** A command of etcdctl as the user root, whose password it asks for. */
export function asRoot(...words: readonly string[]) {
  return provision('etcdctl', INVENTORY, '--', '--user', 'root', ...words);
}

/** What lacked, where etcd's authentication is why this failed. */
export function lackIn(error: unknown): Lack | undefined {
  if (!(error instanceof Failure)) return undefined;
  const said = `${error.message}\n${error.log ?? ''}`;
  return isDenied(said) ? lackOf(said) : undefined;
}

/** What a member's own host lacks for a snapshot of it; asks what only users with the role root may ask, and costs nothing. */
export async function askLack(
  cluster: Pick<DesiredCluster, 'unit' | 'paths'>,
  host: Host,
): Promise<Lack | undefined> {
  const { exitCode, stderr } = await host.run(ownEtcdctl(ownEtcd(cluster), ['user', 'list']), {
    deadline: 20,
  });
  return exitCode !== 0 && isDenied(stderr) ? lackOf(stderr) : undefined;
}
