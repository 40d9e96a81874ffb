export interface Limits {
  readonly inventory: string;
  /** Where the passphrase of the CA comes from. */
  readonly passphraseFrom?: string | undefined;
  readonly timeout: number;
  readonly json: boolean;
  /** Members to which the change is narrowed; all where it is missing. */
  readonly limit?: readonly string[] | undefined;
  /** After which turns a person decides whether it goes on. */
  readonly pauseAfter?: 'first' | 'each' | undefined;
}
