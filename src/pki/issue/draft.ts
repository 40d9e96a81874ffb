import type { KeyObject } from 'node:crypto';
import type { DistinguishedName } from '../encoding/distinguished-name.ts';
import type { Claims } from '../encoding/extensions.ts';

/** A certificate to be made; the key is the holder's, of which only the public half is needed. */
export interface Draft extends Claims {
  readonly subject: DistinguishedName;
  readonly publicKey: KeyObject;
  readonly hours: number;
}
