import { placed } from '../plan/lane.ts';
import { type HostPurge, pathsToRemove } from '../plan/ownership/host-purge.ts';
import type { Plan } from '../plan/plan.ts';

/** What goes and what stays, each with the hosts it is about. */
export function purgeLines(plan: Plan): readonly string[] {
  const going = new Map<string, string[]>();
  const staying = new Map<string, string[]>();
  const add = (to: Map<string, string[]>, text: string, host: string) =>
    to.set(text, [...(to.get(text) ?? []), host]);
  for (const [host, purge] of purgesOf(plan)) {
    add(going, pathsToRemove(purge).join(', '), host);
    for (const { path, users } of purge.kept)
      add(
        staying,
        `${path} stays: ${users.join(', ')} ${users.length === 1 ? 'uses' : 'use'} it`,
        host,
      );
  }
  return [
    ...[...going].map(([text, hosts]) => `${hosts.join(', ')}: will remove ${text}`),
    ...[...staying].map(([text, hosts]) => `${hosts.join(', ')}: ${text}`),
  ];
}

function purgesOf({ waves }: Plan): readonly (readonly [string, HostPurge])[] {
  return waves.flatMap(({ lanes }) =>
    placed(lanes).flatMap(({ place, step }) =>
      step.kind === 'purge' ? [[place, step.purge] as const] : [],
    ),
  );
}
