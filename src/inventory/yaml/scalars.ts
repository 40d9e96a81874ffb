import * as z from 'zod';
import { canonicalName } from '../../pki/names.ts';

// A run reads few things with each schema: compiling readers for them takes longer than they save.
z.config({ jitless: true });

/** A TCP port. */
export const port = z.int().min(1).max(65_535);
/** A length of time in hours. */
export const hours = z
  .string()
  .regex(/^[1-9]\d{0,6}h$/, 'must be a number of hours such as 8760h')
  .transform((text) => Number.parseInt(text, 10));
/** A plain name: a label of a DNS name. */
export const hostName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must use a-z, 0-9 and inner hyphens only');
/**
 * What a member may be called: more than a plain name where something else named it, such as the machine's own name. Never
 * what could be taken for a file of the PKI store.
 */
export const memberName = z
  .string()
  .max(63)
  .regex(
    /^(?!.*\.(?:crt|key|pem|jsonl)$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/,
    'must use a-z, 0-9 and inner hyphens only',
  );
/** In the one spelling that URLs, certificates and known hosts are compared by; a zone is left for the rules to refuse. */
export const address = z
  .string()
  .min(1)
  .max(253)
  .transform((text) => (text.includes('%') ? text : canonicalName(text)));
/** A directory or file on a host. */
export const absolutePath = z
  .string()
  .max(200)
  .regex(
    /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}$/,
    'must be an absolute path of at least two plain components, without . or ..',
  );
/** A Unix account. */
export const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a Unix account name');
/** Printable text that can never start a new line, an escape or a specifier in what is made of it. */
export const plain = z
  .string()
  .max(64)
  .regex(/^[^\p{Cc}\p{Cs}%$\\"'`]*$/u, 'must not hold control characters, quotes, %, $ or \\');
