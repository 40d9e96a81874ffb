import { ownEtcd } from '../../desired/access.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { statusFor } from '../../facts/etcd/ask-status.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { HostStep } from '../../plan/step.ts';

type Of<Kind extends HostStep['kind']> = Extract<HostStep, { readonly kind: Kind }>;

/** Has the cluster go down to an earlier minor version, where etcd says that it can. Throws a Failure. */
export async function enableDowngrade(
  host: Host,
  { own, to }: Of<'enable-downgrade'>,
): Promise<void> {
  const { downgradeTo } = await statusFor(host, own, 'ask whether the cluster goes down already');
  if (downgradeTo !== undefined && !changesMinor(downgradeTo, to)) return;
  const ask = (word: string) => ownEtcdctl(ownEtcd(own), ['downgrade', word, to]);
  await must(host, `see that the cluster can go down to ${to}`, ask('validate'));
  await must(host, `have the cluster go down to ${to}`, ask('enable'));
}

/** Has the cluster not go down any further; etcd takes it where nothing is under way too. Throws a Failure. */
export async function cancelDowngrade(host: Host, { own }: Of<'cancel-downgrade'>): Promise<void> {
  const { downgradeTo } = await statusFor(host, own, 'ask whether the cluster goes down');
  if (downgradeTo === undefined) return;
  await must(
    host,
    'have the cluster not go down',
    ownEtcdctl(ownEtcd(own), ['downgrade', 'cancel']),
  );
}
