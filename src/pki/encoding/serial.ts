/**
 * A serial number as a person has it, from openssl, a browser or a list, in the one form in which they are compared here:
 * lower-case hexadecimal without leading zeros. Undefined where it is not one (at most 20 octets, RFC 5280 §4.1.2.2).
 */
export function readSerial(text: string): string | undefined {
  const digits = text.trim().replace(/^0x/i, '').replaceAll(/[: ]/g, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  const number = BigInt(`0x${digits}`).toString(16);
  return number.length > 40 ? undefined : number;
}
