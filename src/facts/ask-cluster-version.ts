import * as z from 'zod';
import type { DesiredMember } from '../desired/cluster.ts';
import type { Host } from '../host/host.ts';
import { askPort } from './etcd/ask-port.ts';

// etcdserver/api/etcdhttp/version.go: {"etcdserver":"3.5.30","etcdcluster":"3.5.0"}.
const versions = z.object({ etcdcluster: z.string() });

const SECONDS = 2;

/** Where a member's client port says its versions. */
export const VERSION = '/version';

/** The version that all members can work with, as a member says at /version; undefined where it does not say. */
export async function askClusterVersion(
  host: Host,
  { listener }: Pick<DesiredMember, 'listener'>,
  store: string,
): Promise<string | undefined> {
  const dial = () => host.dial(listener.address, listener.ports.client);
  const answer = await askPort(dial, VERSION, store, SECONDS);
  return answer && readClusterVersion(answer.text);
}

/** Reads an answer of /version; undefined where the cluster has none yet, or where it is not etcd that answers. */
export function readClusterVersion(text: string): string | undefined {
  try {
    const { etcdcluster } = versions.parse(JSON.parse(text));
    return /^\d+\.\d+\.\d+$/.test(etcdcluster) ? etcdcluster : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
