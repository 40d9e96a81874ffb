import { constants } from 'node:os';
import { type Duplex, Readable, type Transform, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ClientChannel } from 'ssh2';
import { Failure } from '../failure/failure.ts';
import type { Result, RunOptions } from '../host/host.ts';
import { lastWords, printable } from '../host/printable.ts';
import { UnknownOutcome } from '../host/unknown-outcome.ts';
import { remedy } from '../problem/remedy.ts';
import { Collected } from './collect.ts';
import { DEADLINE_SECONDS } from './deadline.ts';
import type { Link } from './link.ts';
import { BEGIN, loginShellLine } from './login-shell.ts';
import { onStdin, READ_FROM_STDIN } from './on-stdin.ts';
import { AfterMark } from './skip-preamble.ts';

const OUTPUT_LIMIT = 16 * 1024 * 1024;
// Later than that a timer of node fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;
// Linux takes 128 KiB in one argument (MAX_ARG_STRLEN).
const LONGEST_ARGUMENT = 96 * 1024;
/** Bytes that wait in a connection before more is read. */
const MOST_UNSENT = 256 * 1024;

/** The server would not open one more channel; nothing has run. */
export class ChannelRefused extends Error {}

/** Runs the text on an open connection, as `Host.run` promises. Throws ChannelRefused or a Failure. */
export async function execute(
  link: Link,
  host: string,
  text: string,
  { input, output, deadline = DEADLINE_SECONDS, signal }: RunOptions,
): Promise<Result> {
  const stop = new AbortController();
  const late = AbortSignal.timeout(Math.min(deadline * 1000, LONGEST_TIMER_MS));
  const given = AbortSignal.any([stop.signal, late, ...(signal ? [signal] : [])]);
  const orGivenUp = <T>(promise: Promise<T>) => Promise.race([promise, rejection(given)]);

  const kept = new Collected(OUTPUT_LIMIT);
  const complaints = new Collected(OUTPUT_LIMIT);
  const stdout = new AfterMark(BEGIN);
  const stderr = new AfterMark(BEGIN);
  let channel: ClientChannel | undefined;
  try {
    given.throwIfAborted();
    const line = loginShellLine(text, deadline);
    const isLong = line.length > LONGEST_ARGUMENT;
    const sent = isLong ? loginShellLine(READ_FROM_STDIN, deadline) : line;
    const opening = open(link, host, text, sent);
    opening.then(
      (late) => given.aborted && late.close(),
      () => {
        // Awaited below.
      },
    );
    channel = await orGivenUp(opening);
    const closed = closing(channel);
    const sink = output ?? kept;
    const written = Promise.all([
      finished(drain(channel, stdout, sink), { readable: false }),
      finished(drain(channel.stderr, stderr, complaints), { readable: false }),
    ]);
    written.catch((cause) => stop.abort(broken(host, 'its output could not be stored', cause)));
    feed(channel, link.socket, isLong ? onStdin(text, input) : input, (cause) =>
      stop.abort(broken(host, 'its input could not be read', cause)),
    );

    const exitCode = await orGivenUp(closed);
    await orGivenUp(written);
    if (exitCode === undefined) {
      throw new UnknownOutcome(host, 'the connection ended while a command ran', text, link.lost);
    }
    if (!stdout.seen) throw neverRan(host, exitCode, `${stdout.preamble}\n${stderr.preamble}`);
    if (kept.overflowed) throw tooMuch(host, exitCode);
    return { exitCode, stdout: kept.text(), stderr: complaints.text() };
  } catch (error) {
    if (!given.aborted) throw error;
    // Closing a channel only closes the pipes of what runs there; where ssh2 still can, the processes are told.
    channel?.signal('TERM');
    channel?.close();
    if (late.aborted) {
      throw new UnknownOutcome(host, `a command did not end within ${deadline} s`, text);
    }
    throw given.reason;
  }
}

function open(link: Link, host: string, text: string, line: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    try {
      link.client.exec(line, (error, channel) => {
        if (error === undefined) return resolve(channel);
        // Either the server gave its reason (RFC 4254 §5.1), or the connection ended before it had answered: ssh2
        // sends the command only afterwards. Whatever else it may be, the command may have been sent.
        const isRefusal = 'reason' in error && typeof error.reason === 'number';
        const isUnanswered = error.message === 'No response from server';
        const why = 'the connection ended while a command was sent';
        reject(
          isRefusal || isUnanswered
            ? new ChannelRefused()
            : new UnknownOutcome(host, why, text, error),
        );
      });
    } catch {
      // ssh2 throws when it is no longer connected; nothing was sent.
      reject(new ChannelRefused());
    }
  });
}

/** The exit code; 128 + n for a signal, as shells count; nothing when the server never said. */
function closing(channel: ClientChannel): Promise<number | undefined> {
  return new Promise((resolve) => {
    channel.on('close', (code: number | null | undefined, signal?: string) => {
      resolve(code === null ? 128 + signalNumber(signal) : code);
    });
  });
}

function signalNumber(signal: string | undefined): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0;
}

/** Lets the stream flow into the sink; gives what ends when everything has arrived there. */
function drain(stream: Readable, filter: Transform, sink: Writable): Writable {
  const isOurs = sink !== process.stdout && sink !== process.stderr;
  stream.pipe(filter).pipe(sink, { end: isOurs });
  return isOurs ? sink : filter;
}

function feed(
  channel: ClientChannel,
  socket: Duplex,
  input: RunOptions['input'],
  fail: (cause: Error) => void,
): void {
  // A command may end without reading its input; what is then written in vain is not an error.
  channel.on('error', () => {});
  if (input === undefined || typeof input === 'string' || Buffer.isBuffer(input)) {
    channel.end(input);
    return;
  }
  const over = new AbortController();
  channel.on('close', () => {
    over.abort();
    if (input instanceof Readable) input.destroy();
  });
  pour(input, channel, socket, over.signal).catch((cause) => {
    if (!over.signal.aborted) fail(cause);
  });
}

/**
 * Writes piece by piece, each when the last one has left. A pipe would fill the 2 MiB that ssh2 keeps for a channel, and
 * ssh2 itself writes on to a socket that is full, up to the server's window.
 */
async function pour(
  input: AsyncIterable<Buffer>,
  channel: ClientChannel,
  socket: Duplex,
  over: AbortSignal,
): Promise<void> {
  let goOn = () => {};
  // ssh2 forgets what it was given when a channel closes.
  const wake = () => goOn();
  over.addEventListener('abort', wake);
  socket.on('close', wake);
  try {
    for await (const piece of input) {
      if (over.aborted) return;
      await new Promise<void>((resolve) => {
        goOn = resolve;
        // The packets of a piece go to the kernel in one call.
        socket.cork();
        channel.write(piece, () => {
          if (socket.writableLength > MOST_UNSENT) socket.once('drain', resolve);
          else resolve();
        });
        socket.uncork();
      });
    }
    channel.end();
  } finally {
    socket.off('close', wake);
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function broken(host: string, what: string, cause: unknown): Failure {
  return new Failure('failed', `${host}: a command was stopped because ${what}`, {
    cause,
    next: [remedy`see that ${host} is up and the network is well, then run it again`],
  });
}

function tooMuch(host: string, exitCode: number): Failure {
  return new Failure(
    'failed',
    `${host}: a command (exit code ${exitCode}) wrote more than 16 MiB, more than is kept`,
    { next: [remedy`see in the log which it was, and why it says so much there`] },
  );
}

function neverRan(host: string, exitCode: number, said: string): Failure {
  const words = lastWords(said);
  return new Failure(
    'unreachable',
    `${host}: the login shell ended with exit code ${exitCode} before our command began${words && `: ${words}`}`,
    {
      next: [remedy`make a plain command work there first: ssh HOST true`],
      log: printable(said),
    },
  );
}
