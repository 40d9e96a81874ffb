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
      process.stderr.write(`\r\u001b[K${what}: ${megabytes(done)} of about ${megabytes(about)} MB`);
    },
    clear: () => {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
