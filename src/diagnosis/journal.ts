/** A member has a connection to a peer anew (rafthttp/peer_status.go and stream.go; 3.3 and 3.4 in words of their own). */
const LINKED = /became active|established (?:a )?TCP streaming connection/;

/** Seconds in which the prober of a peer may still tell what it found before (it looks every five). */
const SETTLING = 10;

/** A line of a journal. */
export interface Line {
  /** Seconds since 1970 by the host's clock. */
  readonly at: number;
  readonly text: string;
}

/** What was said until some seconds after a peer was last reached anew has passed, where all are reached now. */
export function sinceLinked(lines: readonly Line[]): readonly Line[] {
  const linked = lines.findLast(({ text }) => LINKED.test(text));
  return linked === undefined ? lines : lines.filter(({ at }) => at > linked.at + SETTLING);
}

/**
 * Lines of `journalctl --output=short-unix --reverse`, the oldest first. A message of several lines has its time before the
 * first of them, and keeps their order.
 */
export function readLines(journal: readonly string[]): readonly Line[] {
  const messages: Line[][] = [];
  for (const row of journal) {
    const [, time, text] = /^(\d+\.\d+) \S+ [^:]+?: (.*)$/.exec(row) ?? [];
    const last = messages.at(-1);
    if (time !== undefined && text !== undefined) messages.push([{ at: Number(time), text }]);
    else last?.push({ at: last[0]?.at ?? 0, text: row });
  }
  return messages.reverse().flat();
}
