export interface Limits {
  readonly inventory: string;
  /** Where the passphrase of the CA comes from. */
  readonly passphraseFrom?: string | undefined;
  readonly timeout: number;
  readonly json: boolean;
}
