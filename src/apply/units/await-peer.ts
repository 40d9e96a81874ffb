import { setTimeout as sleep } from 'node:timers/promises';
import { askPort } from '../../facts/etcd/ask-port.ts';
import { peerClientPair } from '../../pki/issue/peer-client-pair.ts';
import type { HostStep } from '../../plan/step.ts';
import { hostOf, type StepContext } from '../step-context.ts';

const PAUSE = 20;
/** As long as a member waits for another by itself (etcdserver's bootstrap timeout); then nothing is lost by going on. */
const PATIENCE_SECONDS = 1;

/**
 * Waits until a member tells its peers who is in the cluster, or for a moment. Before its first log a member asks one
 * peer after the other, and waits a second for each that listens already and does not answer yet, as several that start
 * at once do for each other.
 */
export async function awaitPeer(
  { member: name, listener }: Extract<HostStep, { kind: 'await-peer' }>,
  { hosts, store, keyring }: Pick<StepContext, 'hosts' | 'store' | 'keyring'>,
  signal: AbortSignal,
): Promise<void> {
  const host = hostOf({ hosts }, name);
  const until = Date.now() + PATIENCE_SECONDS * 1000;
  const visitor = await peerClientPair(store, name, (directory) => keyring.open(directory));
  if (visitor === 'nobody') return;
  const dial = () => host.dial(listener.address, listener.ports.peer);
  while (Date.now() < until && !signal.aborted) {
    if (await askPort(dial, '/members', store, PATIENCE_SECONDS, Promise.resolve(visitor))) return;
    await sleep(PAUSE);
  }
}
