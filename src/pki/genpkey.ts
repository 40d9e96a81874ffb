import type { KeyKind } from './keys.ts';

/** The words after `openssl genpkey` that make a key of this kind, with every OpenSSL since 1.0.2. */
export function genpkeyWords({ algo, size }: KeyKind): readonly string[] {
  if (algo === 'rsa') return ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${size}`];
  // Without its name 1.0.2 would write the curve out, which Go does not read.
  const curve = ['-pkeyopt', `ec_paramgen_curve:P-${size}`, '-pkeyopt', 'ec_param_enc:named_curve'];
  return ['-algorithm', 'EC', ...curve];
}
