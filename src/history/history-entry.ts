import { printable } from '../host/printable.ts';

export const RESULTS = ['done', 'failed', 'paused', 'interrupted', 'cut off'] as const;

/** Who does what to which cluster. */
export interface Run {
  /** Names the run in lock, history and log. */
  readonly id: string;
  readonly cluster: string;
  /** ISO 8601, when it began by the operator's clock. */
  readonly at: string;
  /** `user@machine` */
  readonly who: string;
  readonly command: string;
}

/** One run that changed something or tried to. */
export interface HistoryEntry extends Run {
  readonly result: (typeof RESULTS)[number];
  /** What the plan came to, in a few words. */
  readonly changes?: string | undefined;
  /** The first digits of the plan's sha256. */
  readonly plan?: string | undefined;
  readonly seconds?: number | undefined;
  /** The sentence it failed with. */
  readonly why?: string | undefined;
}

/** The entry as one line of a history file. */
export function entryLine(entry: HistoryEntry): string {
  const why = entry.why?.split('\n')[0]?.slice(0, 300);
  return JSON.stringify({ ...entry, ...(why !== undefined && { why }) });
}

/** The entries of a history file; a line that is not one (cut short by a full disk, written by others) is passed over. */
export function readEntries(text: string): readonly HistoryEntry[] {
  return text.split('\n').flatMap((line) => readDeed(line) ?? []);
}

function readDeed(line: string): HistoryEntry | undefined {
  const found = parsed(line);
  const text = (name: string) => {
    const value = found[name];
    return typeof value === 'string' ? printable(value).replaceAll('\n', ' ') : undefined;
  };
  const result = RESULTS.find((one) => one === found.result);
  const [id, cluster, at, who, command] = ['id', 'cluster', 'at', 'who', 'command'].map(text);
  if (!id || !cluster || !at || !who || !command || result === undefined) return undefined;
  if (Number.isNaN(Date.parse(at))) return undefined;
  return {
    ...{ id, cluster, at, who, command, result },
    changes: text('changes'),
    plan: text('plan'),
    seconds: typeof found.seconds === 'number' ? found.seconds : undefined,
    why: text('why'),
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // Not JSON, so not an entry.
    return {};
  }
}
