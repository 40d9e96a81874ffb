import type { Secret } from '../../shell/secret.ts';
import { unlockCa } from '../ca/unlock-ca.ts';
import type { SigningCa } from '../issue/sign.ts';
import { readCaCertificate } from '../store/store.ts';

/** The CAs of a store and of its rotations, all under one passphrase where they have any. */
export interface Keyring {
  readonly passphrase: Secret | undefined;
  /** The CA in the directory, ready to sign. Throws a Failure that says what stands in the way. */
  open(directory: string): Promise<SigningCa>;
}

/** A keyring that opens each CA once: deriving a key from a passphrase takes 0.2 s, and a run signs many times. */
export function keyring(now: Date, passphrase?: Secret): Keyring {
  // By certificate, since a rotation moves CAs from one directory to another.
  const opened = new Map<string, Promise<SigningCa>>();
  return {
    passphrase,
    async open(directory) {
      const certificate = await readCaCertificate(directory);
      const ca = opened.get(certificate) ?? unlockCa(directory, now, passphrase);
      opened.set(certificate, ca);
      return ca;
    },
  };
}
