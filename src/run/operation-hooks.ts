import { dirname, join, resolve } from 'node:path';
import type { Run } from '../history/history-entry.ts';
import { type HookContext, runHook } from '../hooks/hook.ts';
import type { Session } from './session.ts';

/** Runs the hook of this name, where there is one, with what there is to tell. Throws its Failure. */
export type RunOperationHook = (
  name: string,
  told: Partial<HookContext>,
  signal?: AbortSignal,
) => Promise<void>;

/** The hooks of an operation: executables in `hooks` beside its inventory. */
export function hooksOf(
  { inventory, desired }: Session,
  options: { readonly inventory: string },
  { id, cluster, command }: Run,
): RunOperationHook {
  const file = resolve(options.inventory);
  const hidden = secretVariables({ inventory, options });
  const hooks = { directory: join(dirname(file), 'hooks'), hidden };
  const hosts = desired.members.map(({ name }) => name);
  const known = { cluster, command, inventory: file, hosts, run: id };
  return (name, told, signal) => runHook(hooks, name, { ...known, ...told }, signal);
}

/** The environment variables that inventory and options name as holding secrets (`env:NAME`). */
function secretVariables(said: unknown): readonly string[] {
  return [...JSON.stringify(said).matchAll(/"env:([A-Za-z_][A-Za-z0-9_]*)"/g)].flatMap(
    ([, name]) => name ?? [],
  );
}
