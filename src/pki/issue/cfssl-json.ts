import * as z from 'zod';
import { Failure } from '../../failure/failure.ts';
import { provision, remedy } from '../../problem/remedy.ts';
import { foldKeys, type Shape } from './cfssl-keys.ts';

const usages = z.array(z.string()).default([]);
const expiry = z.string();

const profileSchema = z.strictObject({
  usages,
  expiry: expiry.optional(),
  ca_constraint: z
    .strictObject({
      is_ca: z.boolean().default(false),
      max_path_len: z.int().min(0).default(0),
      max_path_len_zero: z.boolean().default(false),
    })
    .optional(),
});

const configSchema = z.strictObject({
  signing: z.strictObject({
    default: profileSchema.prefault({}),
    profiles: z.record(z.string(), profileSchema).default({}),
  }),
});

const nameSchema = z
  .strictObject({
    C: z.string(),
    ST: z.string(),
    L: z.string(),
    O: z.string(),
    OU: z.string(),
    SerialNumber: z.string(),
  })
  .partial();

const requestSchema = z.strictObject({
  CN: z.string().default(''),
  hosts: z.array(z.string()).default([]),
  key: z
    .union([
      z.strictObject({
        algo: z.literal('ecdsa'),
        size: z.union([z.literal(256), z.literal(384), z.literal(521)]),
      }),
      z.strictObject({ algo: z.literal('rsa'), size: z.int().min(2048).max(8192) }),
    ])
    .default({ algo: 'ecdsa', size: 256 }),
  names: z.array(nameSchema).default([]),
  ca: z
    .strictObject({
      expiry: expiry.default('43800h'),
      pathlen: z.int().min(0).default(0),
      pathlenzero: z.boolean().default(false),
    })
    .prefault({}),
});

/** `ca-config.json`: what each profile lets a certificate do. */
export type CfsslConfig = z.output<typeof configSchema>;
export type CfsslProfile = z.output<typeof profileSchema>;

/** `ca-csr.json` or `X-csr.json`: whose certificate it is. Defaults are cfssl's. */
export type CfsslRequest = z.output<typeof requestSchema>;

const PROFILE: Shape = {
  usages: true,
  expiry: true,
  ca_constraint: { is_ca: true, max_path_len: true, max_path_len_zero: true },
};
const CONFIG: Shape = { signing: { default: PROFILE, profiles: { '*': PROFILE } } };
const REQUEST: Shape = {
  CN: true,
  hosts: true,
  key: { algo: true, size: true },
  names: { C: true, ST: true, L: true, O: true, OU: true, SerialNumber: true },
  ca: { expiry: true, pathlen: true, pathlenzero: true },
};

/** Told of each key that nothing is made of. */
type Say = (sentence: string) => void;

/** Reads a `ca-config.json` as cfssl does; throws a Failure naming `source` and every key that is wrong. */
export function readCfsslConfig(text: string, source: string, say: Say = () => {}): CfsslConfig {
  return read(configSchema, CONFIG, text, source, say);
}

/** Reads a `*-csr.json` as cfssl does; throws a Failure naming `source` and every key that is wrong. */
export function readCfsslRequest(text: string, source: string, say: Say = () => {}): CfsslRequest {
  return read(requestSchema, REQUEST, text, source, say);
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  shape: Shape,
  text: string,
  source: string,
  say: Say,
): z.output<Schema> {
  const { value, misspelt, ignored } = foldKeys(parse(text, source), shape, nearMiss);
  const { data, error } = schema.safeParse(value);
  if (data !== undefined && misspelt.length === 0) {
    for (const one of ignored) say(`${source}: ${one}`);
    return data;
  }
  const mistakes = [
    ...(error?.issues ?? []).map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`),
    ...misspelt,
  ];
  const next = [
    remedy`${provision('certs', 'print-defaults', 'config')}, or csr instead of config, shows the shape`,
  ];
  const problem = { kind: 'mistake', about: [] };
  throw new Failure(
    'usage',
    { ...problem, sentence: `${source} is not what cfssl reads:`, next },
    { parts: mistakes.map((sentence) => ({ ...problem, sentence, next: [] })) },
  );
}

/** A known key that differs by a letter or two, or lacks its end: `host`, `expire`, `usage`. */
function nearMiss(typed: string, known: readonly string[]): string | undefined {
  const word = typed.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (word.length < 3) return undefined;
  return known.find((key) => {
    const name = key.toLowerCase().replaceAll(/[^a-z]/g, '');
    const start = Math.max(3, Math.min(word.length, name.length) - 1);
    return (
      name.slice(0, start) === word.slice(0, start) && Math.abs(name.length - word.length) <= 2
    );
  });
}

function parse(text: string, source: string): unknown {
  try {
    // A byte order mark, as Windows editors write it, is not part of the JSON.
    return JSON.parse(withoutComments(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    // JSON.parse says what it found and where.
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('usage', `${source} is not JSON: ${why}`, {
      cause: error,
      next: [
        remedy`correct it there; what it may look like: ${provision('certs', 'print-defaults', 'config')}`,
      ],
    });
  }
}

// The how-tos that these files come from annotate them with // comments. Blanks keep the positions in messages.
function withoutComments(text: string): string {
  return text.replaceAll(/"(?:\\.|[^"\\\n])*"|\/\/[^\n]*/g, (found) =>
    found.startsWith('"') ? found : ' '.repeat(found.length),
  );
}

/** Hours in a Go duration such as `87600h` or `1h30m`; throws a Failure naming `source` for anything else. */
export function goHours(text: string, source: string): number {
  const parts = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text);
  const [, hours = '0', minutes = '0', seconds = '0'] = parts ?? [];
  const total = Number(hours) + Number(minutes) / 60 + Number(seconds) / 3600;
  if (total > 0) return total;
  throw new Failure('usage', `${source}: ${JSON.stringify(text)} is not a duration`, {
    next: [remedy`write hours, such as 8760h`],
  });
}
