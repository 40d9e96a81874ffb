import { type ExaminedMember, peerPlace } from './examined.ts';
import { isRejectedStranger, isTelling, type Line } from './line.ts';
import { since } from './log-file.ts';

const WORDS = 10;
const SHOWN = 3;
const WIDTH = 280;
/** Seconds that what a running process says counts: what it said before may have passed. */
const RECENT = 30;

/** What was said during the last start, in the journal and in files, without what every start says anyway. */
export function linesOf({ start, logs }: Pick<ExaminedMember, 'start' | 'logs'>): readonly Line[] {
  const began = start.lines[0]?.at ?? start.now;
  return [...start.lines, ...logs.flatMap((log) => since(log, began - 1))].sort(
    (one, other) => one.at - other.at,
  );
}

/** What a running process said of late, without what strangers to the cluster caused. */
export function recentLines(
  one: ExaminedMember,
  peers: readonly Pick<ExaminedMember['member'], 'peerUrl'>[],
) {
  const addresses = peers.map((peer) => peerPlace(peer).address);
  return linesOf(one).filter(
    ({ at, text }) => at >= one.start.now - RECENT && !isRejectedStranger(text, addresses),
  );
}

/** The last lines that may tell a person something. */
export function lastWords(one: ExaminedMember): readonly string[] {
  return lastTelling(linesOf(one).map(({ text }) => text));
}

/** The last of the lines that may tell a person something, or of all where none does. */
export function lastTelling(lines: readonly string[]): readonly string[] {
  const telling = lines.filter((text) => isTelling(text) && !text.includes('rejected connection'));
  return (telling.length > 0 ? telling : lines).slice(-WORDS).map((text) => text.slice(0, WIDTH));
}

/** The lines that show a cause, newest last. */
export function evidenceOf(lines: readonly Line[], pattern: RegExp): readonly string[] {
  return lines
    .filter(({ text }) => pattern.test(text))
    .slice(-SHOWN)
    .map(({ text }) => excerpt(text, pattern));
}

/** What is around the words that tell: etcd puts the error behind half a screen of other fields, and stack traces behind that. */
function excerpt(line: string, pattern: RegExp): string {
  if (line.length <= WIDTH) return line;
  const match = pattern.exec(line);
  const told = (match?.index ?? 0) + Math.min(match?.[0].length ?? 0, WIDTH);
  const end = Math.min(line.length, Math.max(WIDTH, told + WIDTH / 4));
  const start = Math.max(0, end - WIDTH);
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}

/** A moment in seconds as `12:01:07 UTC`. */
export function clock(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(11, 19)} UTC`;
}
