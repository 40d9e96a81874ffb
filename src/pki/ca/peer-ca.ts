import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../../durable/durable-file.ts';
import { type Authority, authorityDirectory, type PeerCa } from './authority.ts';

const CERTIFICATE = 'ca.crt';

/**
 * Whether peers have a CA of their own in this cluster: as the store has it. A store that has no CA yet gets one for peers
 * too unless the inventory wants none; one that has never issued a certificate for a peer may still get it.
 */
export async function peerCaOf(store: string, wanted: PeerCa | undefined): Promise<PeerCa> {
  if (await hasPeerCa(store)) return 'separate';
  if (!(await exists(join(store, CERTIFICATE)))) return wanted ?? 'separate';
  return (await hasPeerLeaf(store)) ? 'shared' : (wanted ?? 'shared');
}

/** Whether the store has a CA of peers. */
export function hasPeerCa(store: string): Promise<boolean> {
  return exists(join(authorityDirectory(store, 'peer'), CERTIFICATE));
}

/**
 * Where the key lies that signs for an authority. While peers are being split off, the CA that peers have is the one of
 * clients, whose key stays in its one place.
 */
export async function signerDirectory(store: string, authority: Authority): Promise<string> {
  const directory = authorityDirectory(store, authority);
  if (authority === 'client') return directory;
  const [own, shared] = await Promise.all(
    [directory, store].map((one) => readIfThere(join(one, CERTIFICATE))),
  );
  return own === shared ? store : directory;
}

async function hasPeerLeaf(store: string): Promise<boolean> {
  const entries = await readdir(store, { withFileTypes: true }).catch(() => {
    // A store that cannot be read is reported where its content is needed.
    return [];
  });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => exists(join(store, name, 'peer.crt'))),
  );
  return found.includes(true);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    // Missing, or reported where it is needed.
    () => false,
  );
}
