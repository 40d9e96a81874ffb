import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Failure } from '../failure/failure.ts';
import type { Host, Result, RunOptions } from '../host/host.ts';
import { remedy } from '../problem/remedy.ts';
import type { Command } from '../shell/command.ts';
import { ChannelRefused, execute } from './execute.ts';
import { ForwardingDenied, forward } from './forward.ts';
import type { Link } from './link.ts';
import { relay } from './relay.ts';

/** sshd allows ten sessions to a connection by default (MaxSessions); a person's own must fit in beside ours. */
const CHANNELS = 4;
const LASTING = 1;
const REFUSALS = 8;

interface Seats {
  readonly link: Link;
  taken: number;
  most: number;
}

/**
 * A machine behind SSH, as the user that logged in. A lost connection is made again by the next command; where sshd allows
 * fewer channels than are needed at once, further connections carry them.
 */
export function sshHost(name: string, first: Link, open: () => Promise<Link>): Host {
  const inTurn = pLimit(CHANNELS);
  let seats: Seats[] = [{ link: first, taken: 0, most: CHANNELS + LASTING }];
  let isClosed = false;

  async function takeSeat(): Promise<Seats> {
    if (isClosed) throw new Error(`${name}: used after it was closed`);
    seats = seats.filter(({ link }) => link.lost === undefined);
    const free = seats.find(({ taken, most }) => taken < most);
    if (free) {
      free.taken += 1;
      return free;
    }
    const more = { link: await open(), taken: 1, most: CHANNELS + LASTING };
    if (isClosed) more.link.client.end();
    seats.push(more);
    return more;
  }

  async function aliveLink(): Promise<Link> {
    const seat = await takeSeat();
    // A forwarded connection is not a session, so MaxSessions does not count it.
    seat.taken -= 1;
    return seat.link;
  }

  async function run(command: Command, options: RunOptions = {}): Promise<Result> {
    for (let refusals = 0; refusals < REFUSALS; refusals++) {
      const seat = await takeSeat();
      try {
        return await execute(seat.link, name, command.text, options);
      } catch (error) {
        if (!(error instanceof ChannelRefused)) throw error;
        // sshd frees a session a moment after its channel closed, so being alone and refused may pass.
        if (seat.taken > 1) seat.most = seat.taken - 1;
        else await sleep(25 * 2 ** refusals);
      } finally {
        seat.taken -= 1;
      }
    }
    throw new Failure('unreachable', `${name}: sshd refuses to open a session`, {
      next: [remedy`look at MaxSessions and ForceCommand in sshd_config there`],
    });
  }

  const runInTurn: Host['run'] = (command, options) =>
    options?.lasting ? run(command, options) : inTurn(() => run(command, options));

  return {
    name,
    run: runInTurn,
    dial: async (address, port) => {
      try {
        return await forward((await aliveLink()).client, name, address, port);
      } catch (error) {
        if (!(error instanceof ForwardingDenied)) throw error;
        return relay({ name, run: runInTurn }, address, port);
      }
    },
    close: async () => {
      isClosed = true;
      for (const { link } of seats) link.client.end();
    },
  };
}
