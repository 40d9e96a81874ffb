/** What is not done while members are away: of whom, and why. */
export interface Left {
  readonly name: string;
  readonly because: string;
}
