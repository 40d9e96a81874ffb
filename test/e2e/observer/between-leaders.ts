import { setTimeout as sleep } from 'node:timers/promises';

/** What etcd says while it has no leader: it has done nothing, or what may be done twice. */
const NO_LEADER = /leader changed|no leader/;

/** Asks again where etcd says that its leader changed meanwhile, as its own clients do; for what may be asked twice. */
export async function betweenLeaders<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 10 || !(error instanceof Error) || !NO_LEADER.test(error.message)) throw error;
      await sleep(500);
    }
  }
}
