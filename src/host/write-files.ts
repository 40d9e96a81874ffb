import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import { type Command, lines, sh } from '../shell/command.ts';
import type { Secret } from '../shell/secret.ts';
import type { Host } from './host.ts';
import { must } from './host-error.ts';

/** A small file as it should be on a host. */
export interface RemoteFile {
  readonly path: string;
  readonly content: string | Buffer | Secret;
  readonly mode: number;
  /** `user:group` */
  readonly owner: string;
}

/** What else is done in the same round trip. Like the rest it ends at the first command that fails. */
export interface Around {
  /** What all of it is for, as in "could not …". */
  readonly purpose: string;
  readonly before: Command;
  readonly after: Command;
}

/**
 * Writes the files in one round trip, each atomically: a temporary file in the same directory, checked there by sha256,
 * synced, then renamed over the old one, once all have arrived. Contents travel on stdin. Throws a HostError when
 * anything does not fit.
 */
export async function writeFiles(
  host: Host,
  files: readonly RemoteFile[],
  around?: Around,
): Promise<void> {
  if (files.length === 0) return;
  const parts = files.map((file) => {
    const body = bytes(file.content);
    const sum = createHash('sha256').update(body).digest('hex');
    return { ...file, body, sum, temporary: `${file.path}.provision-new` };
  });
  const temporaries = parts.map(({ temporary }) => temporary);
  const directories = [...new Set(parts.map(({ path }) => dirname(path)))];

  // A process costs a host about a millisecond, so each program is called once for all files where it can be.
  const script = lines([
    sh`set -eu; umask 077`,
    ...(around ? [around.before] : []),
    sh`rm -f ${temporaries}`,
    ...parts.map(({ body, temporary }) => receive(body.length, temporary)),
    sh`bad=$(printf '%s\n' ${parts.map(({ sum, temporary }) => `${sum}  ${temporary}`)} | sha256sum --check --quiet 2>/dev/null) || { echo "\${bad%%.provision-new*}: not what was sent (disk full?)" >&2; exit 1; }`,
    ...alike(parts, ({ owner }) => owner).map(([owner, paths]) => sh`chown ${owner} ${paths}`),
    ...alike(parts, ({ mode }) => mode.toString(8)).map(
      ([mode, paths]) => sh`chmod ${mode} ${paths}`,
    ),
    sh`sync ${temporaries}`,
    ...parts.map(({ temporary, path }) => sh`mv -fT ${temporary} ${path}`),
    sh`sync ${directories}`,
    ...(around ? [around.after] : []),
  ]);
  const purpose = around?.purpose ?? `write ${files.map(({ path }) => path).join(', ')}`;
  await must(host, purpose, script, { input: Buffer.concat(parts.map(({ body }) => body)) });
}

// dd, because it takes not a byte more than asked.
function receive(length: number, path: string): Command {
  return length === 0
    ? sh`: > ${path}`
    : sh`dd bs=${length} count=1 iflag=fullblock status=none > ${path}`;
}

/** The temporary files that are to get the same value. */
function alike<Part extends { readonly temporary: string }>(
  parts: readonly Part[],
  wanted: (part: Part) => string,
): readonly (readonly [value: string, temporaries: readonly string[]])[] {
  const values = [...new Set(parts.map(wanted))];
  return values.map((value) => [
    value,
    parts.filter((part) => wanted(part) === value).map(({ temporary }) => temporary),
  ]);
}

function bytes(content: RemoteFile['content']): Buffer {
  if (Buffer.isBuffer(content)) return content;
  return Buffer.from(typeof content === 'string' ? content : content.reveal());
}
