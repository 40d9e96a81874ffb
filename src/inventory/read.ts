import { open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { Failure } from '../failure/failure.ts';
import type { PeerCa } from '../pki/ca/authority.ts';
import { peerCaOf } from '../pki/ca/peer-ca.ts';
import { storeDirectory } from '../pki/store/store-files.ts';
import { provision, remedy } from '../problem/remedy.ts';
import { refuseOthersFiles } from '../trust/ownership.ts';
import { parseInventory } from './parse.ts';
import type { Path } from './path.ts';
import type { Inventory } from './schema.ts';
import { rewriteSettings } from './yaml/rewrite-settings.ts';

const NAME_A_FILE = [
  remedy`name the inventory file; ${provision('init')} writes one to start from`,
];

/** An inventory with where it came from. */
export interface InventoryFile {
  /** `pki.peerCa` is as the store has it, whatever the file says. */
  readonly inventory: Inventory;
  /** `pki.peerCa` as the file says it. */
  readonly peerCaWanted: PeerCa | undefined;
  /** As the user wrote it; for messages. */
  readonly path: string;
  /** Absolute; what relative paths in the inventory start from. */
  readonly directory: string;
  /** Each as `path:line:column: what is unwise`. */
  readonly warnings: readonly string[];
  /** Where the value at that path stands, or what would hold it, as `path:line:column`. */
  readonly placeOf: (at: Path) => string;
}

const MAX_BYTES = 1024 * 1024;

/** The text of an inventory file; throws a usage Failure where it cannot be read. */
export async function readText(path: string): Promise<string> {
  const bytes = await readSmall(path).catch((error: unknown) => {
    throw error instanceof Failure ? error : unreadable(path, error);
  });
  return decode(bytes, path);
}

/**
 * The inventory in the file, or as it is with its settings rewritten; throws one usage Failure that lists every mistake with
 * file, line and column.
 */
export async function readInventory(
  path: string,
  { rewritten = false }: { readonly rewritten?: boolean } = {},
): Promise<InventoryFile> {
  const read = await readText(path);
  const text = (rewritten ? rewriteSettings(read)?.text : undefined) ?? read;
  const { inventory: written, warnings, placeOf } = parseInventory(text, path);
  const directory = dirname(resolve(path));
  const peerCaWanted = written.pki.peerCa;
  const peerCa = await peerCaOf(storeDirectory(written, directory), peerCaWanted);
  const inventory = { ...written, pki: { ...written.pki, peerCa } };
  return { inventory, peerCaWanted, warnings, placeOf, path, directory };
}

// Size and kind are asked first: reading would wait for ever on a pipe, and for long on an image of a disk.
async function readSmall(path: string): Promise<Buffer> {
  const found = await stat(path);
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'is a directory' : 'is not a file';
    throw new Failure('usage', `${path} ${kind}`, { next: NAME_A_FILE });
  }
  refuseOthersFiles(path, 'the inventory');
  if (found.size > MAX_BYTES) {
    throw new Failure(
      'usage',
      `${path} has ${found.size} bytes; no inventory has over ${MAX_BYTES}`,
      { next: NAME_A_FILE },
    );
  }
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, error: unknown): Failure {
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : Number.NaN;
  const reason = getSystemErrorMap().get(errno)?.[1] ?? String(error);
  return new Failure('usage', `${path} cannot be read: ${reason}`, {
    next: [remedy`provision init writes an inventory to start from`],
  });
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // TextDecoder throws a TypeError for bytes that are not UTF-8, and for nothing else.
    throw new Failure('usage', `${path} is not UTF-8 text`, {
      next: [remedy`save it as UTF-8, or convert it: iconv -t UTF-8`],
    });
  }
}
