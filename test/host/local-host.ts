import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../../src/failure/failure.ts';
import type { Host, Result, RunOptions } from '../../src/host/host.ts';
import type { Command } from '../../src/shell/command.ts';

/** This machine as a Host, by a real /bin/sh: for tests of what is sent, without a network. Runs as the user that tests. */
export function localHost(name: string, environment: NodeJS.ProcessEnv = {}): Host {
  return {
    name,
    run: (command, options) => run(name, command, environment, options ?? {}),
    dial: async (address, port) => createConnection(port, address),
    close: async () => {},
  };
}

async function run(
  name: string,
  command: Command,
  environment: NodeJS.ProcessEnv,
  { input = '', output, deadline = 60, signal }: RunOptions,
): Promise<Result> {
  const shell = spawn('/bin/sh', ['-c', command.text], {
    env: { ...process.env, ...environment, LC_ALL: 'C' },
    timeout: deadline * 1000,
    ...(signal && { signal }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  shell.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  if (output === undefined) shell.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));

  const ended = new Promise<number | null>((resolve, reject) => {
    shell.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
    shell.on('close', resolve);
  });
  const fed = pipeline(input instanceof Readable ? input : copies(input), shell.stdin).catch(
    (error: NodeJS.ErrnoException) => {
      // A script may end without having read everything; its exit code says how it went.
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    },
  );
  const drained = output === undefined ? undefined : pipeline(shell.stdout, output);
  const [exitCode] = await Promise.all([ended, fed, drained]);
  if (exitCode === null)
    throw new Failure('failed', `${name}: ended without an exit status`, { next: [] });
  return { exitCode, stdout: `${Buffer.concat(stdout)}`, stderr: `${Buffer.concat(stderr)}` };
}

// A pipe keeps what it was given; a piece of a file may be overwritten when the next one is asked for.
async function* copies(input: NonNullable<RunOptions['input']>): AsyncGenerator<Buffer> {
  if (typeof input === 'string' || Buffer.isBuffer(input)) yield Buffer.from(input);
  else for await (const piece of input) yield Buffer.from(piece);
}
