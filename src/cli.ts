#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { hideBin } from 'yargs/helpers';
import { parserOf } from './commands/parser.ts';
import { Failure, PAUSED, type Reason } from './failure/failure.ts';
import { failureLines } from './failure/text.ts';
import { endLog, logPath, note } from './log/run-log.ts';
import { remedy } from './problem/remedy.ts';

const EXIT_CODES: Readonly<Record<Reason, number>> = {
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  locked: 5,
  paused: PAUSED,
  interrupted: 130,
};

// Uploads leave buffers behind, which are freed only when the space for new objects is full; a small one is full often.
setFlagsFromString('--semi-space-growth-factor=1');
// A heap of 20 MB that hardly grows would be marked up to forty times in a run, by every processor there is.
setFlagsFromString('--heap-growing-percent=300');

/** The inventory file, for commands in what a Failure says to do next. */
let inventory: string | undefined;

// From src/ and from dist/ alike; the parser's own guess is whatever package it was started in.
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

const parser = parserOf(hideBin(process.argv), version).middleware((args) => {
  // What is undone is named by its inventory.
  for (const file of [args.undo, args.inventory]) if (typeof file === 'string') inventory = file;
});

// A reader that went away (`| head`, a closed terminal) must not end what is being done to a cluster.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  await parser.parseAsync();
  endLog();
} catch (error) {
  process.exitCode = report(replaced(error) ?? error);
}

/** A part of the program is loaded when it is needed: an update or a removal in the middle of a run takes it away. */
function replaced(error: unknown): Failure | undefined {
  const isMissing =
    error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  if (!isMissing) return undefined;
  return new Failure('failed', 'provision itself was replaced or removed while it ran', {
    cause: error,
    next: [remedy`run the same command again: it goes on where it stopped`],
  });
}

function report(error: unknown): number {
  note(`failed: ${inspect(error)}\n${error instanceof Failure ? (error.log ?? '') : ''}`);
  const log = logPath();
  if (!(error instanceof Failure)) {
    console.error(error);
    console.error('\nThis is a bug of provision; nothing of yours caused the trace above.');
    if (log !== undefined) console.error(`  log: ${log}`);
    return 1;
  }
  console.error(failureLines(error, inventory).join('\n'));
  if (log !== undefined) console.error(`  log: ${log}`);
  return EXIT_CODES[error.reason];
}
