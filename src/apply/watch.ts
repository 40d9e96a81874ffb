/** What a step may tell while it runs, and what ends it early. */
export interface Watch {
  readonly onBytes: (sent: number, total: number) => void;
  readonly signal: AbortSignal;
}
