import { EventEmitter } from 'node:events';
import pLimit from 'p-limit';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { remedy } from '../problem/remedy.ts';
import { findAgent } from './agent.ts';
import { asRoot, type Escalation } from './become.ts';
import { jumps } from './jumps.ts';
import { openVerified } from './open-verified.ts';
import { routeTo } from './route.ts';
import { type Ask, type Secrets, secrets } from './secrets.ts';
import { readSshConfig } from './ssh-config.ts';
import { sshHost } from './ssh-host.ts';
import type { Target } from './target.ts';
import { unlocking } from './unlock.ts';

export interface ConnectOptions {
  /** Connections made at the same time. */
  readonly concurrency: number;
  /** Asks for passphrases and passwords; without it nobody is asked. */
  readonly ask?: Ask;
  /** Ends the connecting; what is connected stays so. */
  readonly signal?: AbortSignal;
}

/** Connects to every target side by side; each becomes a host or the Failure that says why not, in the same order. */
export async function connectAll(
  targets: readonly Target[],
  { concurrency, ask, signal }: ConnectOptions,
): Promise<readonly (Host | Failure)[]> {
  const purse = secrets(ask);
  const [config, agent] = await Promise.all([
    readSshConfig(),
    findAgent(process.env.SSH_AUTH_SOCK),
  ]);
  const means = { agent, secrets: purse, unlock: unlocking(purse) };
  const ways = jumps(means);
  let inUse = targets.length;
  const leave = () => {
    inUse -= 1;
    if (inUse === 0) ways.close();
  };

  async function open(target: Target): Promise<Host> {
    const { through, last } = routeTo(target, config);
    const escalation = await escalationOf(target, last.user, purse);
    const link = (stop?: AbortSignal) =>
      openVerified(last, means, () => ways.reach(through, last), stop);
    const host = sshHost(target.name, await link(signal), link);
    return escalation ? asRoot(host, escalation) : host;
  }

  const slot = pLimit(concurrency);
  return Promise.all(
    targets.map((target) =>
      slot(async () => {
        try {
          return closing(await open(target), leave);
        } catch (error) {
          leave();
          if (error instanceof Failure) return error;
          throw error;
        }
      }),
    ),
  );
}

async function escalationOf(
  { name, ssh }: Target,
  user: string,
  purse: Secrets,
): Promise<Escalation | undefined> {
  const by = ssh.become ?? (user === 'root' ? 'none' : 'sudo');
  if (by === 'none') return undefined;
  if (ssh.becomePassword === undefined) return { by, user, password: undefined };
  if (by === 'sudo') {
    const password = await purse.get(ssh.becomePassword, `sudo password of ${user}`);
    return { by, user, password };
  }
  throw new Failure('usage', `${name}: doas takes a password from a terminal only`, {
    next: [remedy`allow it there without one (permit nopass), or use sudo`],
  });
}

function closing(host: Host, afterwards: () => void): Host {
  let isClosed = false;
  return {
    name: host.name,
    run: (command, options = {}) => {
      for (const stream of [options.input, options.output]) {
        // A stream may fail while its command waits for its turn; the command finds it failed and says so.
        if (stream instanceof EventEmitter) stream.on('error', () => {});
      }
      return host.run(command, options);
    },
    dial: (address, port) => host.dial(address, port),
    close: async () => {
      await host.close();
      if (!isClosed) afterwards();
      isClosed = true;
    },
  };
}
