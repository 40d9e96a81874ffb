import type { KeyKind } from './keys.ts';

/** The words after `openssl genpkey` that make a key of this kind, with OpenSSL 1.1.1 and later. */
export function genpkeyWords({ algo, size }: KeyKind): readonly string[] {
  return algo === 'rsa'
    ? ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${size}`]
    : ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:P-${size}`];
}
