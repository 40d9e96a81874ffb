import type { ParsedKey } from 'ssh2';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import type { Hop } from './hop.ts';
import { decrypt, type KeyFile } from './key-file.ts';
import type { Secrets } from './secrets.ts';

/** Gives the private half of an encrypted key file. Throws a Failure without the right passphrase. */
export type Unlock = (hop: Hop, file: KeyFile) => Promise<ParsedKey>;

const TRIES = 3;

/** Unlocks each key once however many hosts want it: bcrypt alone takes half a second. */
export function unlocking(secrets: Secrets): Unlock {
  const keys = new Map<string, Promise<ParsedKey>>();
  return (hop, file) => {
    const key = keys.get(file.path) ?? unlock(hop, file, secrets);
    keys.set(file.path, key);
    return key;
  };
}

async function unlock(hop: Hop, file: KeyFile, secrets: Secrets): Promise<ParsedKey> {
  const source = hop.passphrase ?? 'ask';
  if (source === 'ask' && !secrets.canAsk) {
    throw new Failure(
      'usage',
      `the key ${file.path} is encrypted, and there is no terminal to ask at`,
      { next: [remedy`ssh-add ${quote(file.path)}, or give ssh.passphrase in the inventory`] },
    );
  }

  for (let attempt = 1; attempt <= (source === 'ask' ? TRIES : 1); attempt++) {
    const again = attempt === 1 ? '' : ` (try ${attempt} of ${TRIES})`;
    const key = decrypt(file, await secrets.get(source, `passphrase of ${file.path}${again}`));
    if (key) return key;
  }
  throw new Failure('usage', `the passphrase does not open the key ${file.path}`, {
    next: [remedy`see whether it opens with: ssh-keygen -yf ${quote(file.path)}`],
  });
}
