/** What is told beside the outcome. */
export interface Report {
  /** For people. */
  readonly lines: readonly string[];
  /** For machines, beside what the outcome says. */
  readonly data: Readonly<Record<string, unknown>>;
}
