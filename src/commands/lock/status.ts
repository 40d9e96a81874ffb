import { lockState } from '../../lock/inspect.ts';
import { describeLock } from '../../report/lock-text.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { lookOptions } from '../options/look.ts';

/** Shows for every host whether a run has the cluster's lock: whose, doing what, when it last gave a sign of life. */
export async function lockStatus(args: ArgumentsOf<typeof lookOptions>): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async ({ desired, hosts, unreachable }) => {
    const states = await Promise.all(
      [...hosts].map(async ([name, host]) => [name, await lockState(host, desired.name)] as const),
    );
    if (args.json) {
      const found = Object.fromEntries(states);
      console.log(JSON.stringify({ cluster: desired.name, hosts: found }));
      return;
    }
    for (const [name, state] of states) console.log(`${name}: ${describeLock(state)}`);
    for (const { message } of unreachable.values()) console.log(message);
  });
}
