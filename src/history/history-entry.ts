import * as z from 'zod';
import { printable } from '../host/printable.ts';

const RESULTS = ['done', 'failed', 'paused', 'interrupted', 'cut off'] as const;

const text = z.string().transform((value) => printable(value).replaceAll('\n', ' '));
const said = text.pipe(z.string().min(1));
const extra = text.optional().catch(undefined);

const run = z.object({
  id: said.describe('names the run in lock, history and log'),
  cluster: said,
  at: said
    .refine((value) => !Number.isNaN(Date.parse(value)))
    .describe("ISO 8601, when it began by the operator's clock"),
  who: said.describe('user@machine'),
  command: said,
  option: extra.describe('the option that says how much it removes: --purge'),
  hosts: z
    .array(text)
    .optional()
    .catch(undefined)
    .describe('addresses of the members: another cluster may have the same name'),
  inventory: extra.describe('the inventory file on the machine that it was done from'),
});

const schema = run.extend({
  result: z.enum(RESULTS),
  changes: extra.describe('what the plan came to, in a few words'),
  plan: extra.describe("the first digits of the plan's sha256"),
  seconds: z.number().optional().catch(undefined),
  cutAt: z
    .number()
    .optional()
    .catch(undefined)
    .describe(
      "seconds since 1970 by the host's clock when the last of a run that was cut off was heard",
    ),
  why: extra.describe('the sentence it failed with'),
});

/** Who does what to which cluster. */
export type Run = Readonly<z.output<typeof run>>;

/** One run that changed something or tried to. */
export type HistoryEntry = Readonly<z.output<typeof schema>>;

/** Whether the entry is of the cluster of this name with these hosts; what older versions wrote names none. */
export function isOfCluster(
  { cluster, hosts }: HistoryEntry,
  { name, addresses }: { readonly name: string; readonly addresses: readonly string[] },
): boolean {
  return cluster === name && (hosts === undefined || hosts.some((one) => addresses.includes(one)));
}

/** The entry as one line of a history file. */
export function entryLine(entry: HistoryEntry): string {
  const why = entry.why?.split('\n')[0]?.slice(0, 300);
  return JSON.stringify({ ...entry, ...(why !== undefined && { why }) });
}

/** The entries of a history file; a line that is not one (cut short by a full disk, written by others) is passed over. */
export function readEntries(text: string): readonly HistoryEntry[] {
  return text.split('\n').flatMap((line) => readEntry(line) ?? []);
}

function readEntry(line: string): HistoryEntry | undefined {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
