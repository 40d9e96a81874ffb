import { setTimeout as sleep } from 'node:timers/promises';
import { memberAccess, ownEtcd } from '../../desired/access.ts';
import { type EndpointStatus, type EtcdMember, readMemberList } from '../../etcd/answers.ts';
import { isDenied, lackOf } from '../../etcd/denied.ts';
import { etcdctl } from '../../etcd/etcdctl.ts';
import { leads } from '../../etcd/leader.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { neverStarted } from '../../etcd/quorum.ts';
import { askStatus } from '../../facts/etcd/ask-status.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host, Result } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import { lastWords } from '../../host/printable.ts';
import type { ListAccess } from '../../plan/carried.ts';
import type { MembershipStepOf } from '../../plan/membership-step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { noMembershipChange } from '../../snapshot/needs-user.ts';
import { pause } from '../pause.ts';
import { hostOf, type StepContext } from '../step-context.ts';
import { learnerPatience } from './await-joined.ts';

const UPDATE_TRIES = 5;
/** Milliseconds between two tries. etcd takes changes only from members that have been connected for five seconds. */
const PAUSE = 1000;
/** Seconds of tries to take somebody out again. */
const WITHDRAWAL_SECONDS = 20;

/**
 * Adds a member to the list. A request that ends without an answer may have been committed, so the list is read again before
 * it is repeated (etcd-facts §5.2). Throws a Failure where the list is not the one a newcomer would start with, and a
 * HostError when it does not take within the run's timeout.
 */
export async function addMember(
  {
    member,
    peerUrl,
    asLearner,
    beside,
    via: preferred,
    list: access,
  }: MembershipStepOf<'add-member'>,
  site: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + site.timeout * 1000;
  const purpose = `add ${member} to the list of members`;
  for (;;) {
    const { via, list } = await whoTells(preferred, member, access, site);
    if (list !== undefined) {
      const others = list.flatMap(({ peerUrls }) => peerUrls).filter((url) => url !== peerUrl);
      if (others.toSorted().join() !== beside.toSorted().join())
        throw new Failure(
          'refused',
          `${member}: was not added: the members are ${others.join(', ')} by now, not ${beside.join(', ')}`,
          { next: [remedy`run the same command again: it looks at the list again`] },
        );
      if (entryAt(peerUrl, list) !== undefined) return;
    }
    const learner = asLearner ? ['--learner'] : [];
    const result = await ask(via, access, [
      'member',
      'add',
      member,
      ...learner,
      `--peer-urls=${peerUrl}`,
    ]);
    if (result.exitCode === 0) return;
    refuseDenied(result, access);
    if (Date.now() > until) {
      // The last request may have been taken all the same.
      const told = await whoTells(preferred, member, access, site);
      if (entryAt(peerUrl, told.list) !== undefined) return;
      throw new HostError(via.name, purpose, result);
    }
    await pause(PAUSE, signal);
  }
}

/**
 * Gives a learner its vote. Whether it is in sync is no gate before that, but etcd's answer to the request: only the leader
 * knows what a learner has (raft's `Match`), tells it to nobody, and judges it again in the moment of the promotion. Throws a
 * Failure when it is not so after the time a learner has without any progress.
 */
export async function promoteMember(
  { member, peerUrl, via: preferred, list: access }: MembershipStepOf<'promote-member'>,
  own: Host,
  site: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const patience = learnerPatience(site);
  let applied = -1;
  let until = Date.now() + patience * 1000;
  for (;;) {
    const { via, list } = await whoTells(preferred, member, access, site);
    const entry = entryAt(peerUrl, list);
    if (entry !== undefined && !entry.isLearner) return;
    const result = entry && (await ask(via, access, ['member', 'promote', entry.id]));
    if (result?.exitCode === 0) return;
    if (result !== undefined) refuseDenied(result, access);
    const { status } = await askStatus(own, access.own);
    const now = status?.raftAppliedIndex ?? status?.raftIndex ?? -1;
    if (now > applied) until = Date.now() + patience * 1000;
    applied = Math.max(applied, now);
    if (Date.now() > until)
      throw new Failure(
        'failed',
        `${member}: has not caught up and made no progress for ${patience} s (${whyNot(result)})`,
        { next: [remedy`see why: ${provision('doctor', INVENTORY)}`] },
      );
    await pause(PAUSE, signal);
  }
}

/**
 * Takes a newcomer out of the list again. Throws a Failure where it has a vote and has started: it is a member then, and its
 * data counts; and where the list does not take it.
 */
export async function withdrawMember(
  { member, peerUrl, via: preferred, list: access }: MembershipStepOf<'withdraw-member'>,
  site: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + WITHDRAWAL_SECONDS * 1000;
  for (;;) {
    const { via, list } = await whoTells(preferred, member, access, site);
    const entry = entryAt(peerUrl, list);
    if (list !== undefined && entry === undefined) return;
    if (entry !== undefined && !entry.isLearner && neverStarted([entry]).length === 0)
      throw new Failure('failed', `${member}: has its vote by now and was left in the cluster`, {
        next: [remedy`see how it is: ${provision('status', INVENTORY)}`],
      });
    const result = entry && (await ask(via, access, ['member', 'remove', entry.id]));
    if (result?.exitCode === 0) return;
    if (Date.now() > until)
      throw new Failure(
        'failed',
        `${member}: could not be taken out of the list of members: ${whyNot(result)}`,
        { next: [remedy`see what is left of it: ${provision('doctor', INVENTORY)}`] },
      );
    await pause(PAUSE, signal);
  }
}

/**
 * Moves leadership off a member that leads, then takes it out of the list. A request that ends without an answer may have
 * been committed: the list says. Throws a HostError when it does not take within the run's timeout.
 */
export async function removeMember(
  { member, id, clientUrls, via: preferred, list: access }: MembershipStepOf<'remove-member'>,
  site: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + site.timeout * 1000;
  for (;;) {
    const { via, list } = await whoTells(preferred, member, access, site);
    if (list?.every((one) => one.id !== id)) return;
    await moveLeadershipOff(id, clientUrls, via, access);
    const result = await ask(via, access, ['member', 'remove', id]);
    if (result.exitCode === 0) return;
    refuseDenied(result, access);
    if (Date.now() > until)
      throw new HostError(via.name, `take ${member} out of the list of members`, result);
    await pause(PAUSE, signal);
  }
}

/**
 * Hands leadership to a member, asked of the one that has it: on its own host, or at its client URLs. A request that ends
 * without an answer may have been taken: who leads is asked again. Throws a HostError when it does not take within the run's
 * timeout.
 */
export async function moveLeadership(
  { member, id, list: access }: MembershipStepOf<'move-leadership'>,
  host: Host,
  site: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + site.timeout * 1000;
  for (;;) {
    const { status } = await askStatus(host, access.own);
    if (status?.leader === id) return;
    const result = await askLeader(status, id, host, access);
    if (result.exitCode === 0) return;
    refuseDenied(result, access);
    if (Date.now() > until) throw new HostError(host.name, `hand leadership to ${member}`, result);
    await pause(PAUSE, signal);
  }
}

/** Asks the leader, as this host's member names it, to hand leadership on. */
async function askLeader(
  status: EndpointStatus | undefined,
  to: string,
  host: Host,
  access: ListAccess,
): Promise<Result> {
  const leader =
    status === undefined || leads(status)
      ? undefined
      : (await membersBy(host, access))?.find((one) => one.id === status.leader);
  if (leader === undefined || leader.clientUrls.length === 0)
    return ask(host, access, ['move-leader', to]);
  return moveLeaderAt(leader.clientUrls, to, host, access);
}

/** Only the leader itself hands leadership on: it is asked at its client URLs, from another member's host. */
function moveLeaderAt(
  clientUrls: readonly string[],
  to: string,
  host: Host,
  { own, protocol }: ListAccess,
): Promise<Result> {
  const access = memberAccess({ paths: own.paths, protocol }, clientUrls);
  return host.run(etcdctl(access, ['move-leader', to]), { deadline: 30 });
}

/** A leader that is removed costs an election; where it cannot be asked to hand over, it costs that. */
async function moveLeadershipOff(
  id: string,
  clientUrls: readonly string[],
  via: Host,
  list: ListAccess,
): Promise<void> {
  const own = clientUrls.length === 0 ? undefined : (await askStatus(via, list.own)).status;
  if (own === undefined || own.leader !== id) return;
  await moveLeaderAt(clientUrls, own.memberId, via, list);
}

/**
 * Changes a member's peer URLs in the membership. A request that ends without an answer may have been committed, so the
 * list is read again before it is repeated (etcd-facts §5.2). Throws a HostError when it does not take.
 */
export async function updatePeerUrls(
  { id, to, via: name, list: access }: MembershipStepOf<'update-peer-urls'>,
  site: StepContext,
): Promise<void> {
  const via = hostOf(site, name);
  const isDone = async () =>
    (await membersBy(via, access))?.find((member) => member.id === id)?.peerUrls.join() ===
    to.join();
  for (let attempt = 1; ; attempt++) {
    const result = await ask(via, access, ['member', 'update', id, `--peer-urls=${to.join(',')}`]);
    if (result.exitCode === 0 || (await isDone())) return;
    refuseDenied(result, access);
    if (attempt === UPDATE_TRIES)
      throw new HostError(via.name, `change the peer URLs of member ${id}`, result);
    await sleep(PAUSE);
  }
}

function ask(via: Host, { own }: ListAccess, words: readonly string[]): Promise<Result> {
  return via.run(ownEtcdctl(ownEtcd(own), words));
}

/** The list as this host's member tells it; undefined where it does not. */
async function membersBy(
  via: Host,
  access: ListAccess,
): Promise<readonly EtcdMember[] | undefined> {
  const answer = await ask(via, access, ['member', 'list', '-w', 'json']);
  return answer.exitCode === 0 ? readMemberList(answer.stdout).members : undefined;
}

/**
 * The host that is asked: the preferred one, or another member's where that does not tell the list, for it may have failed
 * since it was chosen. Nobody but the member that it is about is left out.
 */
async function whoTells(
  preferred: string,
  about: string,
  access: ListAccess,
  site: Pick<StepContext, 'hosts'>,
): Promise<{ readonly via: Host; readonly list: readonly EtcdMember[] | undefined }> {
  const names = access.members.filter((name) => name !== about);
  for (const name of [preferred, ...names.filter((one) => one !== preferred)]) {
    const via = site.hosts.get(name);
    const list = via && (await membersBy(via, access).catch(unlessUnreachable));
    if (via !== undefined && list !== undefined) return { via, list };
  }
  return { via: hostOf(site, preferred), list: undefined };
}

/** A host that is gone keeps no other from being asked. */
function unlessUnreachable(error: unknown): undefined {
  if (error instanceof Failure) return undefined;
  throw error;
}

function entryAt(peerUrl: string, list: readonly EtcdMember[] | undefined): EtcdMember | undefined {
  return list?.find(({ peerUrls }) => peerUrls.includes(peerUrl));
}

/** What etcd said against a change; without a request, none could be made. */
function whyNot(result: Result | undefined): string {
  return result === undefined ? 'nobody tells the list of members' : lastWords(result.stderr);
}

function refuseDenied({ stderr }: Result, { cluster: name, version }: ListAccess): void {
  if (isDenied(stderr)) throw noMembershipChange({ name, version }, lackOf(stderr));
}
