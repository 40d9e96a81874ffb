import { clearLine, cursorTo } from 'node:readline';

const PAUSE = 200;

/** A line on a terminal's stderr that shows how far something has come; nothing is shown elsewhere. */
export function progressLine(what: string): {
  readonly show: (done: number, about: number) => void;
  readonly clear: () => void;
} {
  let last = 0;
  return {
    show: (done, about) => {
      if (!process.stderr.isTTY || Date.now() - last < PAUSE) return;
      last = Date.now();
      startAgain();
      process.stderr.write(`${what}: ${megabytes(done)} of about ${megabytes(about)} MB`);
    },
    clear: () => {
      if (process.stderr.isTTY) startAgain();
    },
  };
}

function startAgain(): void {
  cursorTo(process.stderr, 0);
  clearLine(process.stderr, 1);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
