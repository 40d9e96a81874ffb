import type { Look } from '../facts/unreachable.ts';
import { Failure } from '../failure/failure.ts';
import { throwTogether } from '../failure/together.ts';

/** What an intent must have seen before it decides. */
export type Needs =
  /** Every host: it may change any of them, and deciding from a part of the facts would be guessing. */
  | 'every-host'
  /** Those that answer: it shows what can be seen, or leaves the others as they are. */
  | 'any-host'
  /** Every host but these members, which are to be done without. */
  | { readonly but: readonly string[] }
  /** This member or consumer: it changes no other one. */
  | { readonly host: string };

/** Hosts as they were reached. */
interface Reached {
  readonly hosts: ReadonlyMap<string, unknown>;
  readonly consumers: ReadonlyMap<string, unknown>;
  /** Members that could not be reached. */
  readonly unreachable: ReadonlyMap<string, Failure>;
}

/** Why an intent cannot begin with these connections; empty where it can. */
export function missingHosts(
  needs: Needs,
  { hosts, consumers, unreachable }: Reached,
): readonly Failure[] {
  const all = [...unreachable.values()];
  if (needs === 'every-host' || hosts.size === 0) return all;
  if (needs === 'any-host') return [];
  if ('but' in needs)
    return [...unreachable].flatMap(([name, why]) => (needs.but.includes(name) ? [] : [why]));
  const own = unreachable.get(needs.host);
  if (own !== undefined) return [own];
  // Of a name that nobody has the planner tells where all were asked; else the first host that could not be asked is named.
  return hosts.has(needs.host) || consumers.has(needs.host) ? [] : all.slice(0, 1);
}

/** What was seen of hosts, or why not. */
interface Looks {
  readonly members: ReadonlyMap<string, Look<object>>;
  readonly consumers: ReadonlyMap<string, Look<object>>;
}

/** Throws one Failure for every host that an intent needs and that could not be asked. */
export function requireSeen({ members, consumers }: Looks, needs: Needs): void {
  if (needs === 'any-host') return;
  const looks = [...members, ...consumers];
  const needed = looks.filter(([name]) => isNeeded(needs, name));
  throwTogether(
    needed.flatMap(([, look]) =>
      'unreachable' in look && look.unreachable instanceof Failure ? [look.unreachable] : [],
    ),
  );
}

function isNeeded(needs: Exclude<Needs, 'any-host'>, name: string): boolean {
  if (needs === 'every-host') return true;
  return 'but' in needs ? !needs.but.includes(name) : name === needs.host;
}

/** Every host, but those that are done without. */
export function needsBut(away: readonly string[] | undefined): Needs {
  return away === undefined ? 'every-host' : { but: away };
}
