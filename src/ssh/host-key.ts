import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readIfThere } from '../durable/durable-file.ts';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import { type Hop, sshCommand } from './hop.ts';
import {
  fingerprint,
  type KnownHost,
  keyType,
  knownAs,
  parseKnownHosts,
  speaksOf,
} from './known-hosts.ts';

/** What is recorded about a host before it is met. */
export type Records = readonly KnownHost[];

/** Reads what the hop's known_hosts files say about it. Throws a Failure for a file that exists and cannot be read. */
export async function readRecords(hop: Hop): Promise<Records> {
  const files = await Promise.all(hop.knownHosts.map((file) => readKnownHosts(hop, file)));
  const name = knownAs(hop.host, hop.port);
  return files.flat().filter((record) => speaksOf(record, name));
}

/** Judges a key the host has shown: fine, new (accept-new may record it), or the Failure to end with. */
export function judgeHostKey(hop: Hop, records: Records, key: Buffer): 'known' | 'new' | Failure {
  const offered = `${display(keyType(key))} ${fingerprint(key)}`;
  const where = `${hop.name}: the host key of ${hop.host} port ${hop.port}`;

  if (hop.hostKey !== undefined) {
    if (hop.hostKey === fingerprint(key)) return 'known';
    return new Failure('unreachable', `${where} is ${offered}, pinned is ${hop.hostKey}`, {
      next: [remedy`find out why; if the host was reinstalled, change hostKey in the inventory`],
    });
  }

  const same = (record: KnownHost) => record.key.equals(key);
  const revoked = records.find((record) => record.marker === 'revoked' && same(record));
  if (revoked) {
    return new Failure(
      'unreachable',
      `${where} is ${offered}, which ${place(revoked)} says is revoked`,
      {
        next: [remedy`do not log in; give the host a new key and record that one`],
      },
    );
  }

  const plain = records.filter((record) => record.marker === undefined);
  if (plain.some(same)) return 'known';

  const other = plain.find((record) => record.type === keyType(key)) ?? plain[0];
  if (other) {
    return new Failure(
      'unreachable',
      `${where} has changed: it is ${offered}, but ${place(other)} holds ${display(other.type)} ${fingerprint(other.key)}`,
      {
        next: [
          remedy`find out why (reinstalled, or someone in between?), then: ssh-keygen -R ${quote(knownAs(hop.host, hop.port))} -f ${quote(other.file)}`,
        ],
      },
    );
  }

  if (hop.hostKeys === 'accept-new') return 'new';
  const authority = records.find((record) => record.marker === 'cert-authority');
  const remark = authority
    ? ` (host certificates, as in ${place(authority)}, are not supported)`
    : '';
  return new Failure(
    'unreachable',
    `${where} is not known: it is ${offered}, and ${hop.knownHosts.join(', ')} has no key of it${remark}`,
    { next: [remedy`compare the fingerprint on the host, then: ${howToRecord(hop, key)}`] },
  );
}

/** Adds the key to the hop's first known_hosts file. One appending write, so a second writer cannot tear it. */
export async function recordHostKey(hop: Hop, key: Buffer): Promise<void> {
  const [file] = hop.knownHosts;
  if (file === undefined) return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const before = (await readIfThere(file)) ?? '';
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  const line = `${knownAs(hop.host, hop.port)} ${keyType(key)} ${key.toString('base64')}\n`;
  await appendFile(file, `${gap}${line}`, { mode: 0o600 });
}

async function readKnownHosts(hop: Hop, file: string): Promise<Records> {
  try {
    // A missing file knows no hosts.
    return parseKnownHosts((await readIfThere(file)) ?? '', file);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const { message, next } = cause;
    throw new Failure('usage', `${hop.name}: the known hosts cannot be read: ${message}`, {
      cause: cause.cause,
      next,
    });
  }
}

function howToRecord(hop: Hop, key: Buffer): string {
  const type = display(keyType(key)).toLowerCase();
  const file = hop.knownHosts[0] ?? '~/.ssh/known_hosts';
  // ssh-keyscan cannot go through a jump host.
  return hop.via
    ? sshCommand(hop, ['-o', `UserKnownHostsFile=${file}`])
    : `ssh-keyscan -t ${type} -p ${hop.port} ${quote(hop.host)} >> ${quote(file)}`;
}

function place({ file, line }: KnownHost): string {
  return `${file}:${line}`;
}

function display(type: string): string {
  return type.startsWith('ecdsa-') ? 'ECDSA' : type.replace(/^ssh-/, '').toUpperCase();
}
