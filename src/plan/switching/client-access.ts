import type { DesiredMember } from '../../desired/cluster.ts';
import type { Protocol } from '../../desired/dual-protocol.ts';
import { type Configured, servedBy } from './serving.ts';

/** How clients reach a cluster as its members serve it now, which need not be as the inventory says. */
export interface ClientAccess {
  readonly protocol: Protocol;
  readonly endpoints: readonly string[];
  /** What differs from the inventory, for people. */
  readonly notes: readonly string[];
}

/**
 * One protocol for all endpoints, since a client takes one: the inventory's where every member that runs serves it, as in
 * the dual-protocol stage of a switch; else the one that most serve, and the members that do not serve it are left out.
 * A member that is not seen, or does not run, is taken to be like the others.
 */
export function clientAccess(
  wanted: Protocol,
  members: readonly Pick<DesiredMember, 'name' | 'clientUrl'>[],
  seen: ReadonlyMap<string, Configured>,
): ClientAccess {
  const rows = members.map(({ name, clientUrl }) => {
    const found = seen.get(name);
    const served = (found?.unit.pid ?? 0) > 0 ? servedBy(found) : [];
    return { name, clientUrl, served };
  });
  const running = rows.filter(({ served }) => served.length > 0);
  const serving = (protocol: Protocol) =>
    running.filter(({ served }) => served.some((one) => one.protocol === protocol)).length;
  const other: Protocol = wanted === 'https' ? 'http' : 'https';
  const protocol =
    serving(wanted) === running.length || serving(wanted) > serving(other) ? wanted : other;

  const portOf = ({ clientUrl, served }: (typeof rows)[number]) => {
    const ports = served.filter((one) => one.protocol === protocol).map(({ port }) => port);
    // The client port of the inventory, where it is one of them: it stays.
    return ports.find((port) => clientUrl.endsWith(`:${port}`)) ?? ports[0];
  };
  const usual = running.map(portOf).find((port) => port !== undefined);
  const left = running.filter((row) => portOf(row) === undefined).map(({ name }) => name);
  const endpoints = rows
    .filter(({ name }) => !left.includes(name))
    .map((row) => {
      const port = portOf(row) ?? usual;
      const url = row.clientUrl.replace(/^https?:/, `${protocol}:`);
      return port === undefined ? url : url.replace(/:\d+$/, `:${port}`);
    });
  const differs =
    protocol === wanted
      ? []
      : [`the inventory says ${wanted}, and clients are served over ${protocol}`];
  const lacks =
    left.length === 0
      ? []
      : [
          `${left.join(', ')} ${left.length === 1 ? 'does' : 'do'} not serve ${protocol}, and ${left.length === 1 ? 'is' : 'are'} left out`,
        ];
  return { protocol, endpoints, notes: [...differs, ...lacks] };
}
