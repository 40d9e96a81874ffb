import type { Options } from 'yargs';

/** Options by name; `least` is the smallest number one may be given, 0 unless told; `only` says when one is read. */
export type OptionTable = Readonly<
  Record<string, Options & { readonly least?: number; readonly only?: Only }>
>;

/** When an option is read: as the end of "is only read …", and of the other options. */
export interface Only {
  readonly when: string;
  readonly holds: (given: Readonly<Record<string, unknown>>) => boolean;
}
