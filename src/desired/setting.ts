import type { DesiredMember } from './cluster.ts';

/** A setting as the member's etcd.conf has it; empty where it has none. */
export function setting(member: Pick<DesiredMember, 'environment'>, variable: string): string {
  return member.environment({ token: '', state: 'existing' }).get(variable) ?? '';
}

/** `10.0.0.1:2380`: where a member listens for its peers. */
export function peerListener(member: Pick<DesiredMember, 'environment'>): string {
  const [url = ''] = setting(member, 'ETCD_LISTEN_PEER_URLS').split(',');
  return new URL(url).host;
}
