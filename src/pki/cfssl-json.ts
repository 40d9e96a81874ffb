import * as z from 'zod';
import { Failure } from '../failure/failure.ts';

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

/** Reads a `ca-config.json`; throws a Failure naming `source` and every key that is wrong or would be ignored. */
export function readCfsslConfig(text: string, source: string): CfsslConfig {
  return read(configSchema, text, source);
}

/** Reads a `*-csr.json`; throws a Failure naming `source` and every key that is wrong or would be ignored. */
export function readCfsslRequest(text: string, source: string): CfsslRequest {
  return read(requestSchema, text, source);
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  source: string,
): z.output<Schema> {
  const { data, error } = schema.safeParse(parse(text, source));
  if (error === undefined) return data;
  const mistakes = error.issues.map(
    ({ path, message }) => `  ${path.join('.') || '(all)'}: ${message}`,
  );
  throw new Failure('usage', `${source} is not what cfssl reads:\n${mistakes.join('\n')}`, {
    next: 'provision certs print-defaults config, or csr, shows the shape',
  });
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(withoutComments(text));
  } catch (error) {
    // JSON.parse says what it found and where.
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('usage', `${source} is not JSON: ${why}`, { cause: error });
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
  throw new Failure('usage', `${source}: ${JSON.stringify(text)} is no duration such as 8760h`);
}
